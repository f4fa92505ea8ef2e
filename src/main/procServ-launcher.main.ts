/** The program that the units of manage-procs start. */
import { procServLauncher } from '../cli/manage-procs/launcher.ts';
import { thisMachine } from '../cli/manage-procs/this-machine.ts';
import { changeDirectory, typedWords } from '../platform/files/byte-names.ts';

const [, ...words] = typedWords();
process.exitCode = procServLauncher(words, thisMachine(process.argv[1] as string), changeDirectory);
