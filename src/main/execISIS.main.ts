/** `execISIS`: a script of commands to hosts of an ISIS server. */
import { hostname } from 'node:os';
import { runExecIsis } from '../cli/isis/exec-isis.ts';
import { RED } from '../cli/isis/isis-cmd.ts';
import { bytesOf } from '../model/byte-text.ts';
import { typedWords } from '../platform/files/byte-names.ts';
import { printNow } from '../platform/process/closed-readers.ts';

// Arguments are the bytes that were typed; they travel one character for each.
const [, ...words] = typedWords().map((word) => Buffer.from(bytesOf(word)).toString('latin1'));
const print = (text: string) => printNow(1, Buffer.from(text, 'latin1'));

process.once('SIGINT', () => {
  print(`${RED}execISIS interrupted by Ctrl+C\n\u001b[0m`);
  process.exit(130);
});

runExecIsis({ words, env: process.env, hostName: hostname(), print }).then((code) => process.exit(code));
