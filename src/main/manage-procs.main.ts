/** The manage-procs personality. */
import { manageProcs } from '../cli/manage-procs/manage-procs.ts';
import { thisMachine } from '../cli/manage-procs/this-machine.ts';
import { typedWords } from '../platform/files/byte-names.ts';

const [, ...words] = typedWords();
process.exitCode = manageProcs(words, thisMachine(process.argv[1] as string));
