import { runConsole } from '../cli/console/run.ts';
import { typedWords } from '../platform/files/byte-names.ts';

declare const HOLDFAST_VERSION: string;

const [argv0 = 'console', ...words] = typedWords();
runConsole(argv0, words, HOLDFAST_VERSION).then((status) => process.exit(status));
