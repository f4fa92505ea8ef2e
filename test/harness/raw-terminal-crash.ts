// A program that puts its terminal into raw mode and then dies of an uncaught exception.
import type { ReadStream } from 'node:tty';
import { RawTerminal } from '../../src/cli/holdfast/attach/raw-terminal.ts';

const terminal = new RawTerminal(
  process.stdin as ReadStream,
  () => process.stdout.write('undone\r\n'),
  () => {},
);
terminal.enter();
process.stdin.once('data', () => {
  throw new Error('a defect');
});
process.stdout.write('raw\r\n');
