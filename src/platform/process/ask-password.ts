/** Asks for a password on the terminal, which need not be stdin. */
import { openSync, writeSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { Terminal } from './terminal.ts';

const TTY = '/dev/tty';

/** A byte string without its line end; undefined after a message when there is no terminal or its input ends. */
export async function askPassword(prompt: string, warn: (message: string) => void): Promise<string | undefined> {
  let fd: number;
  try {
    fd = openSync(TTY, 'r+');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    warn(`could not open \`${TTY}': ${code === 'ENXIO' ? 'No such device or address' : message}`);
    return undefined;
  }
  const terminal = new Terminal(fd);
  terminal.silent();
  writeSync(fd, prompt, null, 'latin1');
  const interrupted = () => {
    terminal.restore();
    process.exit(130);
  };
  process.once('SIGINT', interrupted);
  const stream = new ReadStream(fd);
  try {
    return await readOneLine(stream);
  } finally {
    process.removeListener('SIGINT', interrupted);
    terminal.close();
    writeSync(fd, '\n');
    stream.destroy();
  }
}

function readOneLine(stream: ReadStream): Promise<string | undefined> {
  let text = '';
  return new Promise((resolve) => {
    stream.on('data', (bytes: Buffer) => {
      text += bytes.toString('latin1');
      const [line, ...more] = text.split('\n');
      if (more.length > 0) {
        resolve(line?.replace(/\r$/, ''));
      }
    });
    stream.on('error', () => resolve(undefined));
    stream.on('end', () => resolve(undefined));
  });
}
