import { runConsole } from '../cli/console/run.ts';

declare const HOLDFAST_VERSION: string;

const [, , argv0 = 'console', ...words] = process.argv;
runConsole(argv0, words, HOLDFAST_VERSION).then((status) => process.exit(status));
