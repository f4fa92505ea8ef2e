/** To be linked into /etc/systemd/system-generators. */
import { procServGenerator } from '../cli/manage-procs/generator.ts';
import { thisMachine } from '../cli/manage-procs/this-machine.ts';

process.exitCode = procServGenerator('--system', process.argv.slice(3), thisMachine(process.argv[1] as string));
