/** Assembles the parts of one procServ instance, and ends them in the right order. */
import { BlockList, isIPv6, type Socket } from 'node:net';
import { isatty, ReadStream } from 'node:tty';
import { addressOf, infoVariable, type OpenEndpoints } from '../cli/procserv/endpoints.ts';
import type { ProcServCommand } from '../cli/procserv/parse.ts';
import { actOnProcess } from '../console/acts.ts';
import { ProcessConsole } from '../console/process-console.ts';
import { enter } from '../console/session.ts';
import { SessionRegistry } from '../console/session-registry.ts';
import { Acceptor } from '../listeners/procserv/acceptor.ts';
import { Instance } from '../listeners/procserv/instance.ts';
import { NO_DESCRIPTORS } from '../listeners/procserv/messages.ts';
import type { SessionOptions } from '../listeners/procserv/session.ts';
import type { ProcServSettings } from '../listeners/procserv/settings.ts';
import { bytesOf } from '../model/byte-text.ts';
import { ANONYMOUS } from '../model/principal.ts';
import type { ExitStatus } from '../model/process.ts';
import { signalThenKill } from '../model/stop-recipe.ts';
import { PROCSERV_VERSION } from '../model/version.ts';
import { currentDirectory } from '../platform/files/byte-names.ts';
import type { OwnFile } from '../platform/files/own-file.ts';
import { native } from '../platform/native.ts';
import { complain as sayOnStderr } from '../platform/process/complain.ts';
import { DescriptorGuard } from '../platform/process/descriptors.ts';
import { passOverStraySignals } from '../platform/process/stray-signals.ts';
import { stampMaker } from '../platform/strftime.ts';
import { systemClock as clock } from '../platform/time/clock.ts';
import { KeyPace } from '../platform/time/key-pace.ts';
import type { Notifier } from '../systemd/notify.ts';
import { LineStamper } from '../terminal/line-stamper.ts';
import { LocalBackend } from '../terminal/local-backend.ts';
import { LogFile } from '../terminal/log-file.ts';
import { LogWriter } from '../terminal/log-writer.ts';

/** Output kept for history. */
const KEEP_BYTES = 256 << 10;
/** Of a log, less the umask. */
const MODE = 0o644;
/**
 * The child of the original starts half a second after its server: clients that connect until then see
 * its whole output. Ours starts at once.
 */
const EARLY_MS = 500;
/** Milliseconds for which the end waits for readers and for the disk. */
const LAST_BYTES = 2000;

type Complain = (message: string) => void;

export interface ProcServParts {
  readonly command: ProcServCommand;
  readonly argv0: string;
  readonly endpoints: OpenEndpoints;
  /**
   * Writes the files about us, which are removed at an orderly end. Called when signals are handled: once the files
   * exist signals may be sent.
   */
  readonly tell: () => readonly OwnFile[];
  readonly manager: Notifier;
  /** Receives errors of the start. */
  readonly complain: Complain;
}

/** Serves until its end ends this process. Returns at once; `logs`: the log could be opened. */
export function serveProcServ(parts: ProcServParts): { readonly logs: boolean } {
  const { command, argv0, endpoints, manager, tell } = parts;
  process.env.PROCSERV_INFO = infoVariable(process.pid, endpoints);
  const writer = command.logFile === undefined ? undefined : new LogWriter(clock);
  let begun = false;
  // Opening it reports the obstacle.
  const log = writer && makeLog(command, writer, (message) => begun && setImmediate(() => complain(message)));
  const logs = log !== undefined && tryToOpen(log, command, parts.complain);
  begun = true;
  const backend = new LocalBackend({ clock, keepBytes: KEEP_BYTES, ...(log ? { log } : {}) });
  const complain = (message: string): void => {
    sayOnStderr(`${argv0}: ${message}\n`);
    backend.note(bytesOf(`\r\n@@@ ${message}\r\n`));
  };
  const settings = settingsOf(command, argv0, log);
  const console = new ProcessConsole({
    child: () => settings.child,
    policy: command.policy,
    stop: signalThenKill(command.killSignal, command.grace),
    runner: backend,
    stream: backend.stream,
    clock,
  });
  console.ignore = command.ignore;
  const registry = new SessionRegistry(clock, () => undefined);
  const instance = new Instance(settings, console, clock, {
    enter: (by, options, sink) => enter({ console, backend, registry, act: actOnProcess(console) }, by, options, sink),
    keys: new KeyPace(clock).console(),
    announces: true,
    early: EARLY_MS,
    quit: (status) => void shutDown(status),
  });
  const guard = new DescriptorGuard(clock, complain);
  const mayConnect = allowed(command.allowFrom);
  const acceptor = new Acceptor(
    instance,
    clock,
    (socket) => mayConnect(socket) && guard.admits(socket, 'the endpoints', NO_DESCRIPTORS),
    (listening, text) => complain(`endpoint ${addressOf(listening)}: ${text}`),
  );
  const { logStamp } = command;
  const forLogger = (): Omit<SessionOptions, 'by'> => ({
    logger: true,
    ...(logStamp ? { stamp: stampLines(logStamp) } : {}),
  });
  for (const listening of endpoints.control) {
    acceptor.open(listening, () => ({ logger: false }));
  }
  if (endpoints.log) {
    acceptor.open(endpoints.log, forLogger);
  }
  const restore = command.foreground && command.logFile !== '-' ? admitStdin(acceptor) : undefined;
  // The user at the terminal sees everything once.
  if (command.debug && !(restore && isatty(1))) {
    showOnStdout(instance);
  }

  let files: readonly OwnFile[] = [];
  let ending = false;
  const shutDown = async (status: ExitStatus | null): Promise<void> => {
    if (ending) {
      return;
    }
    ending = true;
    manager.stopping(`stops ${command.name}`);
    await console.shutDown();
    restore?.();
    // Before the connections end: a client that sees their end may check at once whether the socket is gone, and start
    // the next server.
    for (const listening of [...endpoints.control, ...(endpoints.log ? [endpoints.log] : [])]) {
      listening.unlink();
    }
    for (const file of files) {
      file.remove();
    }
    await acceptor.close(LAST_BYTES);
    await log?.close(LAST_BYTES);
    process.exit(status === null ? 0 : (status.code ?? 128 + (status.signal as number)));
  };
  process.on('SIGTERM', () => void shutDown(null));
  process.on('SIGHUP', () => log?.reopen());
  // With -f the keyboard's signals are not for us (spec/procserv.md 10). Otherwise an orderly end is better than a
  // killed one.
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    process.on(signal, () => (command.foreground ? undefined : void shutDown(null)));
  }
  native.collectOrphans();
  passOverStraySignals({ but: ['HUP', 'INT', 'QUIT'], foreground: command.foreground || command.debug });

  files = tell();
  reportTo(manager, command.name, console);
  if (command.wait) {
    console.supervisor.hold();
    manager.ready(`${command.name} waits to be started`);
  } else {
    console.supervisor.start();
  }
  return { logs };
}

/** For the service manager we are up with the first child, whatever happens to it: its restarts are our business. */
function reportTo(manager: Notifier, name: string, console: ProcessConsole): void {
  let first = true;
  let failed: string | undefined;
  const say = (status: string): void => {
    if (first) {
      first = false;
      manager.ready(status);
    } else {
      manager.status(status);
    }
  };
  console.watch({
    started: (pid, failure) => {
      failed = failure && `${name} could not be started: ${failure.step}: ${failure.message}`;
      say(failed ?? `${name} runs, pid ${pid}`);
    },
    notStarted: ({ message }) => say(`${name} could not be started: ${message}`),
    ended: ({ status: { code, signal } }) =>
      say(failed ?? `${name} ended ${signal === null ? `with status ${code}` : `by signal ${signal}`}`),
  });
}

function settingsOf(command: ProcServCommand, argv0: string, log: LogFile | undefined): ProcServSettings {
  const { killKey, toggleKey, toggleCycle, logoutKey, killSignal, history, coreSize, chdir } = command;
  const directory = ownDirectory();
  return {
    ...{ name: command.name, command: command.command, argv0, version: PROCSERV_VERSION },
    ...{ killKey, toggleKey, toggleCycle, logoutKey, killSignal, history },
    timeFormat: command.timeFormat,
    quitHelp: 'quits the server',
    directory,
    childDirectory: chdir ?? directory,
    ...(log ? { log: { path: command.logFile as string, isOpen: () => log.isOpen } } : {}),
    child: {
      file: command.file,
      argv: command.argv,
      ...(chdir === undefined ? {} : { cwd: chdir }),
      ...(coreSize === undefined ? {} : { limits: { core: { soft: coreSize, hard: null } } }),
    },
  };
}

/** A removed working directory does not prevent running. */
function ownDirectory(): string {
  try {
    return currentDirectory();
  } catch (error) {
    return `(${(error as NodeJS.ErrnoException).code === 'ENOENT' ? 'removed' : 'unreadable'})`;
  }
}

function makeLog(command: ProcServCommand, writer: LogWriter, report: (message: string) => void): LogFile {
  const { logStamp, logRotate, logSync } = command;
  return new LogFile(
    {
      ...{ path: command.logFile as string, anybodys: true, mode: MODE, report },
      ...(logStamp ? { stamper: new LineStamper(stampMaker(logStamp)) } : {}),
      ...(logRotate ? { rotate: logRotate } : {}),
      ...(logSync === undefined ? {} : { sync: logSync }),
    },
    writer,
    clock,
  );
}

/** A log that cannot be opened does not prevent running. */
function tryToOpen(log: LogFile, { logFile: path, saveLog }: ProcServCommand, complain: Complain): boolean {
  if (path === '-') {
    log.adopt(1);
    return true;
  }
  if (saveLog) {
    log.openNew((why) => complain(`cannot save log file ${path}, it is continued: ${why}`));
  } else {
    log.open();
  }
  log.settle();
  if (!log.isOpen) {
    complain(`unable to open log file ${path}`);
  }
  return log.isOpen;
}

function stampLines(format: string): (bytes: Uint8Array) => Uint8Array {
  const stamper = new LineStamper(stampMaker(format));
  return (bytes) => stamper.apply(bytes, clock.now());
}

/** Whether a peer may connect: anyone, unless networks are named; unix sockets have their file mode. */
function allowed(networks: readonly string[]): (socket: Socket) => boolean {
  if (networks.length === 0) {
    return () => true;
  }
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (prefix === undefined) {
      list.addAddress(address, family);
    } else {
      list.addSubnet(address, Number(prefix), family);
    }
  }
  return ({ remoteAddress, remoteFamily }) =>
    remoteAddress === undefined || list.check(remoteAddress, remoteFamily === 'IPv6' ? 'ipv6' : 'ipv4');
}

/** With -f a terminal on standard input is one more user (spec/procserv.md 4.3); anything else there is left alone. */
function admitStdin(acceptor: Acceptor): (() => void) | undefined {
  if (!isatty(0)) {
    return undefined;
  }
  const before = native.consoleMode(0);
  acceptor.admit(new ReadStream(0), { by: ANONYMOUS, logger: false });
  return () => {
    try {
      native.restoreTerminal(0, before);
    } catch {
      // The terminal is gone because its window was closed or its line was lost: sockets and files must still be
      // removed.
    }
  };
}

function showOnStdout({ stream }: Instance): void {
  const subscription = stream.subscribe({
    write: (bytes) => process.stdout.write(bytes),
    missed: () => undefined,
  });
  process.stdout.on('drain', () => subscription.resume());
  // Its reader is gone.
  process.stdout.on('error', () => stream.leave(subscription));
}
