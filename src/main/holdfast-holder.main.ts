/**
 * The holder's process: `holdfast-holder ARGV0 SOCKET LOG_DELAY_MS`. Started by the server or by systemd. systemd runs
 * `ARGV0 --after SOCKET` when it has ended.
 */
import { renameSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterHolder } from '../holder/after-holder.ts';
import { Cgroups } from '../holder/cgroups.ts';
import { Holder } from '../holder/holder.ts';
import { keptTerminals } from '../holder/kept-terminals.ts';
import { Records } from '../holder/records.ts';
import type { TerminalStore } from '../holder/terminal-store.ts';
import { Troubles } from '../holder/troubles.ts';
import { MemoryBudget, shortText, sparedOf } from '../model/memory-budget.ts';
import { VERSION } from '../model/version.ts';
import { native } from '../platform/native.ts';
import { listenOn } from '../platform/net/listen.ts';
import { bootId } from '../platform/process/boot.ts';
import { withoutTurboFan } from '../platform/process/compiler.ts';
import { complain, sayNow } from '../platform/process/complain.ts';
import { releaseMemoryWhenIdle } from '../platform/process/idle-memory.ts';
import { machineMemory } from '../platform/process/machine-memory.ts';
import { delegatedCgroup } from '../platform/process/own-cgroup.ts';
import { showAs } from '../platform/process/process-title.ts';
import { passOverStraySignals } from '../platform/process/stray-signals.ts';
import { systemClock as clock } from '../platform/time/clock.ts';
import { givenDescriptors } from '../systemd/activation.ts';
import { ConsoleJournal } from '../systemd/console-journal.ts';
import { JournalSocket } from '../systemd/journal-socket.ts';
import { Notifier } from '../systemd/notify.ts';
import { LogWriter } from '../terminal/log-writer.ts';

const [, , argv0 = 'holdfast-holder', path, second = '50'] = process.argv;
if (path === '--after') {
  afterHolder(process.env.SERVICE_RESULT ?? '', () => new Records(`${second}.d`, bootId()));
  process.exit(0);
}
if (path === undefined) {
  complain(`${argv0}: which socket? The server starts the holder with its runtime directory's\n`);
  process.exit(64);
}
showAs('holdfast-holder', [path]);
// The terminal that started us may go away: the children stay. `holdfast down --all` or SIGTERM ends us.
passOverStraySignals({ foreground: false });
native.collectOrphans();
const managed = process.env.NOTIFY_SOCKET !== undefined;
const manager = Notifier.take(process.env, native.sendDatagram, clock);
const kept = keptTerminals(givenDescriptors(process.env));

const troubles = new Troubles();
const journal = new JournalSocket(native.sendDatagram, clock);

try {
  const listening = listenOn({ kind: 'unix', path, mode: 0o600 });
  const store: TerminalStore = {
    put: (key, fds, taken) => manager.keep(key, fds, taken),
    drop: (key) => manager.unkeep(key),
  };
  // Without a manager nothing is kept: the children end with us, and their records would be wrong.
  const records = managed ? recordsIn(`${path}.d`) : undefined;
  const holder = new Holder({
    version: VERSION,
    writer: new LogWriter(clock, Number(second)),
    clock,
    journal(name) {
      const lines = new ConsoleJournal(name, journal, clock);
      return (data) => lines.append(data);
    },
    cgroups: divide(),
    troubles,
    budget: new MemoryBudget(sparedOf(machineMemory()), clock.now, ({ most }) =>
      troubles.add(shortText('the holder', most)),
    ),
    ...(records ? { records, store } : {}),
    finished: () => {
      listening.unlink();
      process.exit(0);
    },
  });
  holder.takeOver(kept);
  createServer((socket) => holder.serve(socket))
    // Usually out of descriptors: clients retry.
    .on('error', ({ message }) => complain(`${argv0}: ${message}\n`))
    .listen({ fd: listening.fd });
  // A watchdog would kill the children with us: of the manager's features only notifications are used.
  manager.ready(`holds consoles for the server behind ${path}`);
  process.on('SIGTERM', () => {
    manager.stopping('stops the children by their recipes');
    void holder.terminate();
  });
} catch (error) {
  manager.failed((error as Error).message);
  complain(`${argv0}: ${(error as Error).message}\n`);
  process.exit(1);
}
// A defect in handling one console must not end the processes of all.
process.on('uncaughtException', (error) => complain(`${argv0}: ${error.stack ?? error}\n`));
if (!managed) {
  // Our parent reads this line; afterwards nobody reads.
  sayNow(1, 'ready\n');
}
withoutTurboFan();
releaseMemoryWhenIdle();

/**
 * An obstacle to the folder is put aside: a holder that does not start is worse than processes that would end with it.
 */
function recordsIn(folder: string): Records | undefined {
  try {
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === false) {
      renameSync(folder, `${folder}.bad`);
      troubles.add(`${folder} is not a folder and was put aside: ${folder}.bad`);
    }
    return new Records(folder, bootId(), troubles.add);
  } catch (error) {
    troubles.add(`no process would outlive the holder: ${(error as Error).message}`);
    return undefined;
  }
}

/** One cgroup for each console if permitted, otherwise the reason. */
function divide(): Cgroups | { readonly missing: string } {
  const own = delegatedCgroup(managed);
  if ('missing' in own) {
    return own;
  }
  try {
    return new Cgroups(own.path, clock);
  } catch (error) {
    return { missing: `the cgroup of the holder cannot be divided: ${(error as Error).message}` };
  }
}
