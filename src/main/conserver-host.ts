/** Puts the parts of a conserver together: the consoles of a conserver.cf on a host, two ports, signals (spec/conserver.md 7.4, 7.5). */
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import type { TLSSocketOptions } from 'node:tls';
import { readPasswords } from '../access/passwords.ts';
import { DEFAULTS } from '../cli/conserver/defaults.ts';
import type { ConserverOptions } from '../cli/conserver/options.ts';
import { CONSERVER_VERSION } from '../codec/conserver-wire.ts';
import { type LoadedConserver, loadConserver } from '../config/load-conserver-cf.ts';
import { resetsLine } from '../grammar/conserver/console-config.ts';
import type { ConsoleRecord, ServerSettings } from '../grammar/conserver/records.ts';
import { NEEDS_RESTART } from '../grammar/conserver/settings.ts';
import { type Fault, showFault } from '../grammar/conserver/source.ts';
import type { ReadConfig } from '../host/configuration.ts';
import { ConsoleHost } from '../host/console-host.ts';
import { Events } from '../host/events.ts';
import { RecentEvents } from '../host/recent-events.ts';
import { SharedOutput } from '../host/shared-output.ts';
import { conserverTls } from '../listeners/conserver/conserver-tls.ts';
import { JournalLines } from '../listeners/conserver/journal-lines.ts';
import type { ConsoleHub, LogSink } from '../listeners/conserver/model/ports.ts';
import { ConserverService } from '../listeners/conserver/service.ts';
import { ControlService, type ControlServiceParts } from '../listeners/control/service.ts';
import { bytesOf } from '../model/byte-text.ts';
import type { ConsoleConfig, HostConfig } from '../model/config.ts';
import { MemoryBudget, sparedOf } from '../model/memory-budget.ts';
import { type Principal, self, sender } from '../model/principal.ts';
import { isUp } from '../model/process.ts';
import { VERSION } from '../model/version.ts';
import { fsPath } from '../platform/files/byte-names.ts';
import { OwnFile } from '../platform/files/own-file.ts';
import { native } from '../platform/native.ts';
import { type Listening, listenOn } from '../platform/net/listen.ts';
import { servicePort } from '../platform/net/this-host.ts';
import { DescriptorGuard } from '../platform/process/descriptors.ts';
import { machineMemory } from '../platform/process/machine-memory.ts';
import { terminalBehind } from '../platform/process/proc.ts';
import { passOverStraySignals } from '../platform/process/stray-signals.ts';
import { systemText } from '../platform/system-text.ts';
import { systemClock as clock } from '../platform/time/clock.ts';
import { every } from '../platform/time/every.ts';
import { pause } from '../platform/time/pause.ts';
import { LocalBackends } from '../terminal/local-backends.ts';
import { LogWriter } from '../terminal/log-writer.ts';
import { type Ports, programConfig } from './conserver-config2.ts';
import { ConserverJournal } from './conserver-journal.ts';
import { conserverLines } from './conserver-lines.ts';

const EX_SOFTWARE = 70;
const EX_OSERR = 71;
const EX_CONFIG = 66;
/**
 * Milliseconds that commands and connections get to come up before clients are accepted; clients see the others come
 * up.
 */
const START_TIMEOUT_MS = 2000;
const LAST_BYTES_MS = 2000;
/** Of the control socket. */
const CONTROL_MODE = 0o660;
/** Output kept for each console: history comes from the logs. */
const KEEP_BYTES = 4096;

/** Serves until a signal or an administrator ends it. Exits with 66, 70 (certificates) or 71 if it cannot start. */
export async function serveConserver(options: ConserverOptions, started: () => void): Promise<void> {
  const journal = new ConserverJournal();
  const { say, complain } = journal;
  const inform = (text: string): void => (options.verbose ? say(`INFO: ${text}`) : undefined);
  const fail = (status: number, text: string): never => {
    complain(text);
    process.exit(status);
  };
  journal.use(undefined);
  const loaded: LoadedConserver = await loadConserver(options.configFile).catch((error: Error) =>
    fail(EX_CONFIG, unreadable(options.configFile, error)),
  );
  const { settings } = loaded.config;
  useLog(journal, options, settings);
  say(CONSERVER_VERSION);
  say(startedAs());
  for (const fault of loaded.config.faults) {
    complain(faultText(fault));
  }
  const ports = portsOf(options, settings, (text) => fail(EX_OSERR, text));
  const tls = tlsOptions(options, settings, (text) => fail(EX_SOFTWARE, text));

  const files = new ConserverFiles(loaded, options, ports);
  const recordOf = (name: string) => {
    const config = consoleOf(name)?.config;
    return config && files.record(config);
  };
  const writer = new LogWriter(clock);
  const budget = new MemoryBudget(sparedOf(machineMemory()), clock.now, () => undefined);
  const backends = new LocalBackends({ clock, keepBytes: KEEP_BYTES, writer, budget });
  const events = new Events(clock.now, 0);
  const history = new RecentEvents();
  events.listen((event) => history.add(event));
  const guard = new DescriptorGuard(clock, complain);
  const startedAt = new Date(clock.now()).toISOString();
  const host = new ConsoleHost({
    ...{ config: files.first, files, events, history, backends, clock, ...conserverLines },
    ...{ resets: resetsLine, quietLinks: true, memoryRanOut: () => false },
    holds: {
      read: async () => ({ holds: new Map(), doubtful: false }),
      write: () => Promise.reject(new Error('conserver keeps nothing on disk but its logs')),
    },
    about: {
      tell: async (consoles, paths) => ({
        ...{ version: VERSION, pid: process.pid, node: process.version, startedAt, consoles },
        descriptors: guard.use,
        config: { files: paths, changedOnDisk: false },
        // The terminals are in this process.
        holder: { pid: process.pid, version: VERSION, protocol: 0, startedAt },
      }),
    },
    mayStart: (name) => {
      const problem = backends.logProblem(name);
      if (problem) {
        throw new Error(`FileOpen(${recordOf(name)?.logfile}): ${systemText(problem)}`);
      }
    },
  });
  const consoleOf = (name: string) => host.consoles.find((console) => console.name === name);
  const lines = new JournalLines({
    ...{ record: recordOf, say, complain, inform },
    state: (name) => consoleOf(name)?.state,
    terminal: (name) => terminalBehind(consoleOf(name)?.descriptors.source ?? -1),
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
  let unified: LogSink | undefined;
  const output = new SharedOutput({
    openLog: (path) => {
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
  const hub: ConsoleHub = {
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
  const passwdFile = options.passwdFile ?? settings.passwdfile ?? DEFAULTS.passwd;
  const conserver = new ConserverService({
    ...{ host, clock, guard, reopenLogs, note: say },
    program: {
      ...{ record: files.record, hub, tls, inform, complain, groupMembers: options.groupMembers },
      say: ({ name }, text) => say(`[${name}] ${text}`),
      passwords: () => readPasswords(passwdFile, complain),
    },
  });
  const { control } = options;
  const socket = control === undefined ? undefined : openControl(control, (text) => fail(EX_OSERR, text));
  host.serve([
    output,
    conserver,
    ...(socket ? [new ControlService({ host, clock, fd: socket.fd, ...controlRules(guard, complain) })] : []),
  ]);
  const terminate = async (by: Principal): Promise<void> => {
    ending = true;
    socket?.unlink();
    await host.closeServices();
    await host.stopAll(by);
    await backends.close();
    pidFile?.remove();
    say('terminated');
    await stdout.close(LAST_BYTES_MS);
    await journal.close(LAST_BYTES_MS);
    process.exit(0);
  };
  void host.toldToGoDown.then(({ by }) => terminate(by));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => void host.down(true, sender(signal)));
  }
  process.on('SIGHUP', () => void reload(sender('SIGHUP')));
  process.on('SIGUSR1', () => hub.bringUp(sender('SIGUSR1')));
  native.unblockSignal(constants.signals.SIGUSR1);
  process.on('SIGUSR2', () => hub.reopenLogs(sender('SIGUSR2')));
  native.collectOrphans();
  passOverStraySignals({ but: ['HUP', 'INT', 'USR1', 'USR2'], foreground: !options.daemon });

  // Before the first output.
  await host.openServices('others');
  await host.open([]);
  await Promise.race([opened(host), pause(clock, START_TIMEOUT_MS)]);
  try {
    await host.openServices('after consoles');
  } catch (error) {
    socket?.unlink();
    await host.stopAll(self('it cannot listen'));
    fail(EX_OSERR, `cannot listen: ${listenText(error as NodeJS.ErrnoException)}`);
  }
  const pidFile = writePidFile(complain);
  const seconds = options.reinitCheck === undefined ? (settings.reinitcheck ?? 0) : options.reinitCheck * 60;
  if (seconds > 0) {
    every(clock, seconds * 1000, () => bringUp(sender('reinitcheck')), { ref: false });
  }
  started();
}

/** The conserver.cf on disk. */
class ConserverFiles {
  /** What it said of the consoles at the start. */
  readonly first: HostConfig;
  readonly #options: ConserverOptions;
  readonly #ports: Ports;
  readonly #records = new WeakMap<ConsoleConfig, ConsoleRecord>();
  readonly #settings = new WeakMap<ReadConfig, ServerSettings>();
  #inForce: ServerSettings;
  #reported: ServerSettings;

  constructor(loaded: LoadedConserver, options: ConserverOptions, ports: Ports) {
    this.#options = options;
    this.#ports = ports;
    this.#inForce = loaded.config.settings;
    this.#reported = loaded.config.settings;
    this.first = this.#configOf(loaded);
  }

  record = (config: ConsoleConfig): ConsoleRecord | undefined => this.#records.get(config);

  async load(): Promise<ReadConfig> {
    let loaded: LoadedConserver;
    try {
      loaded = await loadConserver(this.#options.configFile);
    } catch (error) {
      return refused([{ message: unreadable(this.#options.configFile, error as Error) }]);
    }
    const { faults, settings } = loaded.config;
    if (faults.length > 0) {
      return refused(faults);
    }
    const read: ReadConfig = { config: this.#configOf(loaded), problems: [], warnings: [] };
    this.#settings.set(read, settings);
    return read;
  }

  applied(read: ReadConfig): void {
    this.#inForce = this.#settings.get(read) ?? this.#inForce;
  }

  /** Settings that were applied since the last call, and take effect at the next start. */
  waiting(): readonly string[] {
    const keys = NEEDS_RESTART.filter((key) => this.#inForce[key] !== this.#reported[key]);
    this.#reported = this.#inForce;
    return keys;
  }

  #configOf(loaded: LoadedConserver): HostConfig {
    const { host, records } = programConfig(loaded, this.#options, this.#ports);
    for (const [config, record] of records) {
      this.#records.set(config, record);
    }
    return host;
  }
}

function refused(faults: readonly Fault[]): ReadConfig {
  const problems = faults.map(({ at, message }) => ({ file: at?.file ?? '', line: at?.line ?? 1, key: '', message }));
  return { problems, warnings: [] };
}

/** For this user and group, as that of a host. */
function openControl(path: string, fail: (text: string) => never): Listening {
  try {
    const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
    return listenOn({ kind: 'unix', path, mode: CONTROL_MODE }, { uid, gid });
  } catch (error) {
    return fail(`control socket: ${(error as Error).message}`);
  }
}

function controlRules(
  guard: DescriptorGuard,
  complain: (text: string) => void,
): Omit<ControlServiceParts, 'host' | 'clock' | 'fd'> {
  return {
    mayKeep: (descriptor) => guard.fits(descriptor, 'control'),
    strays: guard.strays,
    refused: () => guard.refused('the control socket'),
    fault: (error) => complain(`control API: ${(error as Error).stack ?? error}`),
  };
}

/** Resolves when no console is on its way up any more, for the first time each. */
async function opened(host: ConsoleHost): Promise<void> {
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
/** A name as the byte string that messages are made of. */
function asBytes(name: string): string {
  return Buffer.from(bytesOf(name)).toString('latin1');
}

/** The user that runs this server. */
export function startedAs(): string {
  const user = native.userById(process.getuid?.() ?? 0)?.name ?? `${process.getuid?.()}`;
  return `started as \`${user}' by \`${user}'`;
}

/** In the foreground messages go to the terminal, whatever log file is named. */
function useLog(journal: ConserverJournal, { daemon, logFile }: ConserverOptions, { logfile }: ServerSettings): void {
  const path = daemon ? (logFile ?? logfile ?? DEFAULTS.log) : undefined;
  try {
    journal.use(path);
  } catch (error) {
    journal.complain(`log file \`${asBytes(path ?? '')}': ${systemText(error)}`);
  }
}

/** `message [file:line]`. */
function faultText(fault: Fault): string {
  return fault.at === undefined ? showFault(fault) : `${fault.message} [${fault.at.file}:${fault.at.line}]`;
}

function tlsOptions(
  { credentials }: ConserverOptions,
  { sslcredentials, sslcacertificatefile, sslreqclientcert }: ServerSettings,
  fail: (text: string) => never,
): TLSSocketOptions {
  const pem = credentials ?? sslcredentials;
  try {
    const ca = sslcacertificatefile === undefined ? undefined : readFileSync(fsPath(sslcacertificatefile));
    const both = pem === undefined ? undefined : readFileSync(fsPath(pem));
    return conserverTls({ cert: both, key: both, ca, required: sslreqclientcert ?? false });
  } catch (error) {
    const files = [pem, sslcacertificatefile].filter((file) => file !== undefined).join(', ');
    return fail(`TLS: ${asBytes(files)}: ${systemText(error)}`);
  }
}

function unreadable(path: string, error: Error): string {
  return `cannot read \`${asBytes(path)}': ${systemText(error)}`;
}

function portsOf(
  { address, basePort, port }: ConserverOptions,
  { primaryport, secondaryport }: ServerSettings,
  fail: (text: string) => never,
): Ports {
  const portOf = (text: string): number =>
    portNumber(text) ?? fail(`\`${text}' is not a port: neither a number to 65535 nor a service of /etc/services`);
  return {
    listen: [address ?? '0.0.0.0'],
    port: portOf(port ?? primaryport ?? DEFAULTS.port),
    groupPort: portOf(basePort ?? secondaryport ?? '0'),
  };
}

/** A number or a name of /etc/services; undefined for neither. */
function portNumber(text: string): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : servicePort(text);
}

function listenText({ code, message }: NodeJS.ErrnoException): string {
  return code === 'EADDRINUSE' ? `${message}: the port is in use by another program` : message;
}

/** The path is fixed; without permission to write there the server still serves. */
function writePidFile(complain: (text: string) => void): OwnFile | undefined {
  try {
    return OwnFile.write(DEFAULTS.pidFile, `${process.pid}\n`);
  } catch (error) {
    complain(`pid file: ${(error as Error).message}`);
    return undefined;
  }
}
