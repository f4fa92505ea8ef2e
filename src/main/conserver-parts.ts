/** The parts of a conserver, in the order of their dependencies: the consoles of a conserver.cf on a host of this process. */
import type { TLSSocketOptions } from 'node:tls';
import { resetsLine } from '../grammar/conserver/console-config.ts';
import type { PasswordFile } from '../grammar/conserver/passwd.ts';
import { ConsoleHost } from '../host/console-host.ts';
import { Door } from '../host/door.ts';
import { Events } from '../host/events.ts';
import { UNGUARDED } from '../host/guarded-host.ts';
import { RecentEvents } from '../host/recent-events.ts';
import { SharedOutput } from '../host/shared-output.ts';
import { JournalLines } from '../listeners/conserver/journal-lines.ts';
import type { ConsoleHub } from '../listeners/conserver/model/ports.ts';
import { ConserverService } from '../listeners/conserver/service.ts';
import type { HostService } from '../model/host-service.ts';
import { MemoryBudget, sparedOf } from '../model/memory-budget.ts';
import type { Principal } from '../model/principal.ts';
import { isUp } from '../model/process.ts';
import type { DescriptorGuard } from '../platform/process/descriptors.ts';
import { machineMemory } from '../platform/process/machine-memory.ts';
import { terminalBehind } from '../platform/process/proc.ts';
import { systemText } from '../platform/system-text.ts';
import { systemClock as clock } from '../platform/time/clock.ts';
import { LocalBackends } from '../terminal/local-backends.ts';
import type { LogFile } from '../terminal/log-file.ts';
import { LogWriter } from '../terminal/log-writer.ts';
import type { ConserverFiles } from './conserver-files.ts';
import type { ConserverJournal } from './conserver-journal.ts';
import { conserverLines } from './conserver-lines.ts';

const LAST_BYTES_MS = 2000;
/** Output kept for each console: history comes from the logs. */
const KEEP_BYTES = 4096;

export interface ConserverParts {
  readonly version: string;
  readonly files: ConserverFiles;
  readonly journal: ConserverJournal;
  readonly guard: DescriptorGuard;
  readonly tls: TLSSocketOptions;
  readonly passwords: () => Promise<PasswordFile | undefined>;
  readonly groupMembers: number | undefined;
  /** A line of the journal, if that is verbose. */
  readonly inform: (text: string) => void;
}

/** The operations that signals and administrators have. */
export type SignalHub = { readonly [What in keyof ConsoleHub]: (by: Principal) => void };

export interface Conserver {
  readonly host: ConsoleHost;
  readonly backends: LocalBackends;
  /** To be served by the host, perhaps with others. */
  readonly services: readonly HostService[];
  /** The operations that signals and administrators request. */
  readonly hub: SignalHub;
  /** Resolves when no console is on its way up for the first time any more. */
  opened(): Promise<void>;
  /** Opens what is down. */
  bringUp(by: Principal): void;
  /** Ends the services and all consoles, and completes the logs. */
  close(by: Principal): Promise<void>;
}

export function composeConserver({
  version,
  files,
  journal,
  guard,
  tls,
  passwords,
  groupMembers,
  inform,
}: ConserverParts): Conserver {
  const { say, complain } = journal;
  const recordOf = (name: string) => {
    const config = host.find(name)?.config;
    return config && files.record(config);
  };
  const writer = new LogWriter(clock);
  const budget = new MemoryBudget(sparedOf(machineMemory()), clock.now, () => undefined);
  const backends = new LocalBackends({ clock, keepBytes: KEEP_BYTES, writer, budget });
  const events = new Events(clock.now, 0);
  const history = new RecentEvents();
  events.listen((event) => history.add(event));
  const startedAt = new Date(clock.now()).toISOString();
  const host = new ConsoleHost({
    ...{ config: files.first, files, events, history, backends, clock, ...conserverLines },
    ...{ resets: resetsLine, asLines: true, memoryRanOut: () => false },
    holds: {
      read: async () => ({ holds: new Map(), doubtful: false }),
      write: () => Promise.reject(new Error('conserver keeps nothing on disk but its logs')),
    },
    about: {
      tell: async (consoles, paths) => ({
        ...{ version, pid: process.pid, node: process.version, startedAt, consoles },
        descriptors: guard.use,
        config: { files: paths, changedOnDisk: false },
        // The terminals are in this process.
        holder: { pid: process.pid, version, protocol: 0, startedAt },
      }),
    },
    mayStart: (name) => {
      const problem = backends.logProblem(name);
      if (problem) {
        throw new Error(`FileOpen(${recordOf(name)?.logfile}): ${systemText(problem)}`);
      }
    },
  });
  const lines = new JournalLines({
    ...{ record: recordOf, say, complain, inform },
    state: (name) => host.find(name)?.state,
    terminal: (name) => terminalBehind(host.find(name)?.descriptors.source ?? -1),
  });
  events.listen((event) => lines.hear(event));

  let ending = false;
  /** An ended console stays ended, one that is open on demand is opened by its users, and one that was told to close opens after that. */
  const bringUp = (by: Principal): void => {
    for (const console of ending ? [] : host.consoles) {
      const { hold, isUnwanted, state, supervised } = console;
      if (!hold && !isUnwanted && (!isUp(state) || supervised.supervisor.staysDown)) {
        if (console.config.source.kind === 'telnet' || console.config.source.kind === 'tcp') {
          say(`[${files.record(console.config)?.name}] console initializing`);
        }
        console.start(by);
      }
    }
  };
  const stdout = journal.stdout();
  let unified: LogFile | undefined;
  const output = new SharedOutput({
    openLog: (path) => {
      unified = undefined;
      try {
        unified = journal.open(path);
      } catch (error) {
        complain(`unified log: ${(error as Error).message}`);
      }
      const sink = unified;
      return {
        append: (line) => sink?.append(line, clock.now()),
        close: async () => sink?.close(LAST_BYTES_MS),
      };
    },
    unloved: (line) => stdout.append(line, clock.now()),
  });
  const reopenLogs = (): void => {
    journal.reopen();
    unified?.reopen();
    backends.reopenLogs();
  };
  const reload = async (by: Principal): Promise<void> => {
    say('processing SIGHUP');
    const { problems } = await host.apply(by);
    if (ending) {
      return;
    }
    for (const { file, line, message } of problems) {
      complain(file === '' ? message : `${message} [${file}:${line}]`);
    }
    if (problems.length > 0) {
      complain('the configuration stays as it was');
    }
    for (const key of files.waiting()) {
      complain(`\`${key}' has changed: that takes effect at the next start`);
    }
    reopenLogs();
    bringUp(by);
  };
  const hub: SignalHub = {
    bringUp: (by) => {
      say('processing SIGUSR1');
      bringUp(by);
    },
    reopenLogs: (by) => {
      say('processing SIGUSR2');
      reopenLogs();
      bringUp(by);
    },
    reconfigure: (by) => void reload(by),
    // The answer is sent first.
    terminate: (by) => void host.down(true, by),
  };
  const conserver = new ConserverService({
    ...{ door: new Door({ host, ...UNGUARDED }), clock, guard, note: say },
    program: {
      ...{ record: files.record, hub: commands(hub), tls, inform, complain, groupMembers, passwords },
      say: ({ name }, text) => say(`[${name}] ${text}`),
    },
  });
  return {
    ...{ host, backends, hub, bringUp, services: [output, conserver] },
    opened: () => allOpened(host),
    close: async (by) => {
      ending = true;
      await host.closeServices();
      await host.stopAll(by);
      await backends.close();
      await stdout.close(LAST_BYTES_MS);
      writer.close();
    },
  };
}

function commands(hub: SignalHub): ConsoleHub {
  return {
    bringUp: async ({ by }) => hub.bringUp(by),
    reopenLogs: async ({ by }) => hub.reopenLogs(by),
    reconfigure: async ({ by }) => hub.reconfigure(by),
    terminate: async ({ by }) => hub.terminate(by),
  };
}

async function allOpened(host: ConsoleHost): Promise<void> {
  await Promise.all(
    host.consoles.map(
      ({ supervised }) =>
        new Promise<void>((resolve) => {
          if (supervised.state !== 'starting') {
            resolve();
            return;
          }
          const unwatch = supervised.watch({
            changed: ({ to }) => {
              if (to !== 'starting') {
                unwatch();
                resolve();
              }
            },
          });
        }),
    ),
  );
}
