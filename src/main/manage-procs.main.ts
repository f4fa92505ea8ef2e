/** The manage-procs personality. */
import { manageProcs } from '../cli/manage-procs/manage-procs.ts';
import { thisMachine } from '../cli/manage-procs/this-machine.ts';

process.exitCode = manageProcs(process.argv.slice(3), thisMachine(process.argv[1] as string));
