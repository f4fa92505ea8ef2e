/** `execISIS`: a script of commands to hosts of an ISIS server. */
import { hostname } from 'node:os';
import { runExecIsis } from '../cli/exec-isis.ts';
import { RED } from '../cli/isis-cmd.ts';
import { printBytes } from '../cli/print-bytes.ts';

// Arguments are the bytes that were typed; they travel one character for each.
const words = process.argv.slice(3).map((word) => Buffer.from(word).toString('latin1'));

process.once('SIGINT', () => {
  printBytes(`${RED}execISIS interrupted by Ctrl+C\n\u001b[0m`);
  process.exit(130);
});

runExecIsis({ words, env: process.env, hostName: hostname(), print: printBytes }).then((code) => process.exit(code));
