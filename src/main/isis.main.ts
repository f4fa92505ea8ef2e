/** `isis`: OSU's ISIS server as a program of its own. */
import { statSync, writeSync } from 'node:fs';
import { runIsis } from '../cli/isis/isis.ts';
import { sayNow } from '../platform/process/complain.ts';
import { showAs } from '../platform/process/process-title.ts';

declare const HOLDFAST_VERSION: string;

const [, file = '', program = 'isis', ...words] = process.argv;
const built = statSync(file).mtime.toISOString();

/** The reader of stdout may go away or be slow: the server stays. */
function print(line: string): void {
  try {
    writeSync(1, `${line}\n`);
  } catch {
    // EPIPE, EAGAIN: there is nobody to report to.
  }
}

showAs(program, words);
runIsis({
  program,
  words,
  version: HOLDFAST_VERSION,
  built: [built.slice(0, 10), built.slice(11, 19)],
  env: process.env,
  print,
  printNow: (line) => sayNow(1, `${line}\n`),
}).then((code) => process.exit(code));
