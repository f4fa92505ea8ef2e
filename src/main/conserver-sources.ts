/** Opens the lines of a conserver.cf: commands in their own terminals, sockets, serial devices. */

import { readFileSync } from 'node:fs';
import { textOfCf } from '../grammar/conserver/console.ts';
import type { ConsoleRecord } from '../grammar/conserver/records.ts';
import type { Source, SourceHandlers } from '../listeners/conserver/model/ports.ts';
import { openNetSource } from '../listeners/conserver/served/net-source.ts';
import { SIGHUP } from '../model/signals.ts';
import { StopRun, signalThenKill } from '../model/stop-recipe.ts';
import { type LineSettings, native } from '../platform/native.ts';
import { openLine, SerialStream } from '../platform/net/serial.ts';
import { ownShell } from '../platform/process/own-account.ts';
import { type Identity, identityOf } from '../platform/process/run-as.ts';
import { systemText } from '../platform/system-text.ts';
import { systemClock } from '../platform/time/clock.ts';
import { Child } from '../terminal/child.ts';

/** The time for a command to end after SIGHUP. */
const GRACE_MS = 5000;
const CTRL_H = 8;
const AT_SIGN = 64;
const UNKNOWN_TTY = '/dev/ptmx';
/**
 * Limit of commands of one console that were told to end and have not: the next one is started when there are fewer.
 */
const MAX_LEAVING = 4;
/** The waits for them, by console. */
const leaving = new Map<string, Set<Promise<void>>>();

export async function openSource(record: ConsoleRecord, handlers: SourceHandlers): Promise<Source> {
  switch (record.type) {
    case 'exec':
      return await openCommand(record, handlers);
    case 'device':
      return openDevice(record, handlers);
    default:
      return await openNetSource(record, handlers, systemClock);
  }
}

async function openCommand(record: ConsoleRecord, handlers: SourceHandlers): Promise<Source> {
  for (let left = leaving.get(record.name); left !== undefined && left.size >= MAX_LEAVING; ) {
    await Promise.race(left);
  }
  return await startCommand(record, await identityOf(record.execrunas ?? {}), handlers);
}

/** `ended` of a command that was told to end. */
function leaves(console: string, ended: Promise<void>): void {
  const left = leaving.get(console) ?? new Set();
  leaving.set(console, left.add(ended));
  void ended.then(() => {
    left.delete(ended);
    if (left.size === 0) {
      leaving.delete(console);
    }
  });
}

function startCommand(record: ConsoleRecord, identity: Identity, handlers: SourceHandlers): Promise<Source> {
  const { promise, resolve, reject } = Promise.withResolvers<Source>();
  const gone = Promise.withResolvers<void>();
  let open = true;
  const request = { ...program(record.exec), ...identity, columns: 0, rows: 0 };
  const events = {
    output: (bytes: Uint8Array) => open && handlers.output(bytes),
    drain: () => open && handlers.drained(),
    ended: ({ code, signal, coreDumped }: { code: number | null; signal: number | null; coreDumped: boolean }) => {
      stopRun?.cancel();
      gone.resolve();
      if (open) {
        open = false;
        handlers.ended({ code, signal, coreDumped });
      }
    },
  };
  let stopRun: StopRun | undefined;
  Child.start(request, systemClock, events, (error, child) => {
    if (child === undefined) {
      reject(error);
      return;
    }
    const { fd, pid } = child;
    const { ixon, ixany, ixoff } = record.options;
    native.setModes(fd, { ixon, ixany, ixoff, erase: CTRL_H, kill: AT_SIGN });
    resolve({
      ...{ pid, fd, tty: terminalOf(fd) },
      write: (bytes) => child.write(bytes),
      close: () => {
        open = false;
        leaves(record.name, gone.promise);
        stopRun = new StopRun(child, systemClock);
        stopRun.begin(signalThenKill(SIGHUP, GRACE_MS));
      },
      setFlow: (on) => native.setModes(fd, { ixon: on }),
    });
  });
  return promise;
}

/** Without a command root's shell, as after a login. */
function program(exec: string | undefined): { readonly file: string; readonly argv: readonly string[] } {
  if (exec !== undefined) {
    return { file: '/bin/sh', argv: ['/bin/sh', '-ce', textOfCf(exec)] };
  }
  const file = ownShell();
  return { file, argv: [`-${file.slice(file.lastIndexOf('/') + 1)}`, '-i'] };
}

/** The kernel says which terminal the master side belongs to. */
function terminalOf(fd: number): string {
  const index = /^tty-index:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1];
  return index === undefined ? UNKNOWN_TTY : `/dev/pts/${index}`;
}

function openDevice(record: ConsoleRecord, handlers: SourceHandlers): Source {
  const { device = '', baud = '9600', parity = 'none', options } = record;
  const { cstopb, crtscts, hupcl, ixon, ixoff, ixany } = options;
  let fd: number;
  try {
    fd = openLine(textOfCf(device), {
      ...{ cstopb, crtscts, hupcl, ixon, ixoff, ixany },
      baud: Number(baud),
      bits: parity === 'none' ? 8 : 7,
      parity: parity as LineSettings['parity'],
    });
  } catch (error) {
    throw new Error(`open(${device}): ${systemText(error)}`);
  }
  const line = new SerialStream(fd);
  line.on('data', (bytes: Uint8Array) => handlers.output(bytes));
  line.on('drain', () => handlers.drained());
  line.on('error', () => line.destroy());
  line.on('close', () => handlers.ended());
  return {
    ...{ pid: 0, tty: device, fd },
    write: (bytes) => line.write(bytes),
    close: () => {
      line.removeAllListeners('close');
      line.destroy();
    },
    sendBreak: () => line.sendBreak(),
    setFlow: (on) => line.setFlow(on),
  };
}
