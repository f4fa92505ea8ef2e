import { writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../test/harness/free-port.ts';
import { Program } from '../lib/process.ts';
import type { Settings } from '../lib/suite.ts';

export type Side = 'ours' | 'theirs';

/** A server in the foreground that has greeted. */
export interface Server {
  readonly pid: number;
  /** Milliseconds from its exec to its greeting. */
  readonly startup: number;
  /** Address of a console in the notation of the load programs. */
  address(console: string): Promise<string>;
  stop(): Promise<void>;
}

const PATIENCE = 60_000;

export function programOf(side: Side, settings: Settings): string {
  return side === 'ours'
    ? resolve(settings.ours ?? join(import.meta.dirname, '../../bin/conserver'))
    : resolve(settings.theirs ?? '/usr/sbin/conserver');
}

/** Name of the console with this number, from 0. */
export const consoleName = (number: number): string => `c${number}`;

/**
 * `count` consoles that run `command`, each with a log in `directory`. Everyone on this machine is trusted, nothing is
 * encrypted.
 */
export async function startServer(
  settings: Settings,
  side: Side,
  directory: string,
  { count, command }: { readonly count: number; readonly command: readonly string[] },
): Promise<Server> {
  const consoles = Array.from({ length: count }, (_, n) => `console ${consoleName(n)} { include any; }\n`);
  const cf = `default any { master localhost; type exec; exec exec ${command.join(' ')}; rw *; logfile ${directory}/&.log; timestamp ""; }
${consoles.join('')}access * { trusted 127.0.0.1; }
`;
  writeFileSync(join(directory, 'cf'), cf);
  writeFileSync(join(directory, 'passwd'), '');
  const port = await freePort();
  const words = [
    '-C',
    join(directory, 'cf'),
    '-P',
    join(directory, 'passwd'),
    '-M',
    '127.0.0.1',
    '-p',
    `${port}`,
    '-E',
  ];
  const began = performance.now();
  const program = new Program(programOf(side, settings), [...words, '-L', join(directory, 'log')], { cwd: directory });
  try {
    await greeting(port);
  } catch (error) {
    await program.stop();
    throw error;
  }
  return {
    pid: program.pid,
    startup: performance.now() - began,
    address: async (console) => {
      const answer = await asked(port, `call ${console}`);
      if (!/^\d+$/.test(answer)) {
        throw new Error(`bench: ${side}: call ${console}: ${answer}`);
      }
      return `conserver:${answer}:${console}`;
    },
    stop: () => program.stop(20_000),
  };
}

/** Resolves when the master says `ok`. */
async function greeting(port: number): Promise<void> {
  for (const end = performance.now() + PATIENCE; performance.now() < end; await delay(1)) {
    const socket = connect(port, '127.0.0.1');
    const greeted = await line(socket).catch(() => undefined);
    socket.destroy();
    if (greeted === 'ok') {
      return;
    }
  }
  throw new Error(`bench: nobody greets on port ${port}`);
}

/** The answer of a master to one command. */
async function asked(port: number, command: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  try {
    await line(socket);
    socket.write('login bench\r\n');
    await line(socket);
    socket.write(`${command}\r\n`);
    return await line(socket);
  } finally {
    socket.destroy();
  }
}

/** The next packet, taken for a line: the server waits for us after each. */
function line(socket: Socket): Promise<string> {
  return new Promise((done, fail) => {
    socket.once('error', fail).once('close', () => fail(new Error('closed')));
    socket.once('data', (text) => done(text.toString().trim()));
  });
}
