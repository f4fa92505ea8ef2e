/** The holder's process: `holdfast-holder ARGV0 SOCKET LOG_DELAY_MS`. Started by the server or by systemd. */
import { createServer } from 'node:net';
import { Holder } from '../holder/holder.ts';
import { LogDesk } from '../holder/log-desk.ts';
import { systemClock as clock } from '../platform/clock.ts';
import { listenOn } from '../platform/listen.ts';
import { native } from '../platform/native.ts';
import { ConsoleJournal } from '../systemd/console-journal.ts';
import { JournalSocket } from '../systemd/journal-socket.ts';
import { Notifier } from '../systemd/notify.ts';
import { VERSION } from './version.ts';

const [, , argv0 = 'holdfast-holder', path, delay = '50'] = process.argv;
if (path === undefined) {
  process.stderr.write(`${argv0}: which socket? The server starts the holder with its runtime directory's\n`);
  process.exit(64);
}
process.title = `holdfast-holder ${path}`;
const managed = process.env.NOTIFY_SOCKET !== undefined;
const manager = Notifier.take(process.env, native.sendDatagram, clock);

const journal = new JournalSocket(native.sendDatagram, clock);

try {
  const listening = listenOn({ kind: 'unix', path, mode: 0o600 });
  const holder = new Holder({
    version: VERSION,
    desk: new LogDesk(clock, Number(delay)),
    clock,
    journal(name) {
      const lines = new ConsoleJournal(name, journal, clock);
      return (data) => lines.append(data);
    },
    finished: () => {
      listening.unlink();
      process.exit(0);
    },
  });
  createServer((socket) => holder.serve(socket)).listen({ fd: listening.fd });
  // A watchdog would kill the children with us: of the manager's offers only the notices are taken.
  manager.ready(`holds consoles for the server behind ${path}`);
  process.on('SIGTERM', () => {
    manager.stopping('stops the children by their recipes');
    void holder.terminate();
  });
} catch (error) {
  manager.failed((error as Error).message);
  process.stderr.write(`${argv0}: ${(error as Error).message}\n`);
  process.exit(1);
}
// The terminal that started us may go: the children stay. `holdfast down --all` ends us, or SIGTERM.
for (const signal of ['SIGHUP', 'SIGINT', 'SIGPIPE', 'SIGXFSZ'] as const) {
  process.on(signal, () => undefined);
}
// Whoever waits for us reads this line; after that nobody does.
process.stdout.on('error', () => undefined);
if (!managed) {
  process.stdout.write('ready\n');
}
