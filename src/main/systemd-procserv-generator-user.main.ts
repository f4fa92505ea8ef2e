/** To be linked into /etc/systemd/user-generators. */
import { procServGenerator } from '../cli/manage-procs/generator.ts';
import { thisMachine } from '../cli/manage-procs/this-machine.ts';

process.exitCode = procServGenerator('--user', process.argv.slice(3), thisMachine(process.argv[1] as string));
