/** The server's hook for `holdfast up`: loaded into the command's own process, so that its pid stays. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, writeSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';
import type { Io, UpOptions } from '../cli/holdfast/command/command.ts';
import { EXIT, exitCodeOf } from '../cli/holdfast/command/exit-codes.ts';
import { shownWhile } from '../cli/holdfast/text/shown-while.ts';
import { readReport, reportLine, servedText } from '../host/start-report.ts';
import { native } from '../platform/native.ts';
import { withoutTurboFan } from '../platform/process/compiler.ts';
import { releaseMemoryWhenIdle } from '../platform/process/idle-memory.ts';
import { systemClock as clock } from '../platform/time/clock.ts';
import { Notifier } from '../systemd/notify.ts';
import { serveHost } from './host-server.ts';

/** In the environment of a detached server: the descriptor on which it reports the result of its start. */
const READY_VARIABLE = 'HOLDFAST_READY_FD';
const READY_FD = 3;

/** Serves until it is told to end; detached, resolves when the server is up or has reported why it is not. */
export async function serve(options: UpOptions, io: Pick<Io, 'err' | 'progress'>): Promise<number> {
  const { foreground } = options;
  const told = process.env[READY_VARIABLE];
  delete process.env[READY_VARIABLE];
  if (!foreground && told === undefined) {
    return detach(io);
  }
  // Our parent may have gone meanwhile, which is not a reason to end too.
  process.stderr.on('error', () => undefined);
  const tell = (up: boolean, message: string): void => {
    const text = `holdfast: ${message}\n`;
    process.stderr.write(text);
    if (told !== undefined) {
      try {
        writeSync(Number(told), reportLine({ up, text }));
      } catch {
        // It no longer reads.
      }
      closeSync(Number(told));
    }
  };
  withoutTurboFan();
  const manager = Notifier.take(process.env, native.sendDatagram, clock);
  try {
    tell(true, servedText(await serveHost(options, manager)));
    releaseMemoryWhenIdle();
  } catch (error) {
    manager.failed((error as Error).message);
    tell(false, (error as Error).message);
    return exitCodeOf(error) === EXIT.internal ? EXIT.failed : exitCodeOf(error);
  }
  // The server ends the process itself.
  return new Promise(() => undefined);
}

/** Starts the same command again, in its own session and without a terminal. */
async function detach(io: Pick<Io, 'err' | 'progress'>): Promise<number> {
  const server = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    env: { ...process.env, [READY_VARIABLE]: String(READY_FD) },
  });
  const ended = once(server, 'exit').then(([code]) => (code as number | null) ?? EXIT.failed);
  // It closes the pipe after its report.
  const told = textOf(server.stdio[READY_FD] as Readable);
  const report = readReport(await shownWhile({ clock, io }, 'starting the server', told));
  io.err(report?.text ?? 'holdfast: the server ended without a word\n');
  // A server that could not start ends at once; one that is up stays.
  const code = report?.up ? EXIT.ok : await ended;
  server.unref();
  return code;
}
