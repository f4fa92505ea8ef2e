/** What the units of manage-procs start. */
import { procServLauncher } from '../cli/manage-procs/launcher.ts';
import { thisMachine } from '../cli/manage-procs/this-machine.ts';

process.exitCode = procServLauncher(process.argv.slice(3), thisMachine(process.argv[1] as string), (path) =>
  process.chdir(path),
);
