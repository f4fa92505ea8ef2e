/** Puts the parts of a conserver together: the consoles of a conserver.cf on a host, two ports, signals (spec/conserver.md 7.4, 7.5). */
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import type { TLSSocketOptions } from 'node:tls';
import { readPasswords } from '../access/passwords.ts';
import { DEFAULTS } from '../cli/conserver/defaults.ts';
import type { ConserverOptions } from '../cli/conserver/options.ts';
import { CONSERVER_VERSION } from '../codec/conserver-wire.ts';
import { type LoadedConserver, loadConserver } from '../config/load-conserver-cf.ts';
import type { ServerSettings } from '../grammar/conserver/records.ts';
import { type Fault, showFault } from '../grammar/conserver/source.ts';
import { Door } from '../host/door.ts';
import { UNGUARDED } from '../host/guarded-host.ts';
import { conserverTls } from '../listeners/conserver/conserver-tls.ts';
import { ControlService, type ControlServiceParts } from '../listeners/control/service.ts';
import { self, sender } from '../model/principal.ts';
import { VERSION } from '../model/version.ts';
import { fsPath } from '../platform/files/byte-names.ts';
import { OwnFile } from '../platform/files/own-file.ts';
import { native } from '../platform/native.ts';
import { type Listening, listenOn } from '../platform/net/listen.ts';
import { servicePort } from '../platform/net/this-host.ts';
import { DescriptorGuard } from '../platform/process/descriptors.ts';
import { passOverStraySignals } from '../platform/process/stray-signals.ts';
import { systemText } from '../platform/system-text.ts';
import { systemClock as clock } from '../platform/time/clock.ts';
import { every } from '../platform/time/every.ts';
import { pause } from '../platform/time/pause.ts';
import type { Ports } from './conserver-config.ts';
import { asBytes, ConserverFiles, unreadable } from './conserver-files.ts';
import { ConserverJournal } from './conserver-journal.ts';
import { composeConserver } from './conserver-parts.ts';
import { loadControl } from './late-control.ts';

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

export interface Serving {
  /** The configuration file, if it has been read just now. */
  readonly loaded?: LoadedConserver;
  /** Called when clients are accepted. */
  readonly started?: () => void;
}

/** Serves until a signal or an administrator ends it. Exits with 66, 70 (certificates) or 71 if it cannot start. */
export async function serveConserver(options: ConserverOptions, how: Serving): Promise<void> {
  const journal = new ConserverJournal();
  const { say, complain } = journal;
  const inform = (text: string): void => (options.verbose ? say(`INFO: ${text}`) : undefined);
  const fail = (status: number, text: string): never => {
    complain(text);
    process.exit(status);
  };
  journal.use(undefined);
  const loaded =
    how.loaded ??
    (await loadConserver(options.configFile).catch((error: Error) =>
      fail(EX_CONFIG, unreadable(options.configFile, error)),
    ));
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
  const guard = new DescriptorGuard(clock, complain);
  const passwdFile = options.passwdFile ?? settings.passwdfile ?? DEFAULTS.passwd;
  const { host, hub, services, bringUp, close, opened } = composeConserver({
    ...{ version: VERSION, files, journal, guard, tls, inform, groupMembers: options.groupMembers },
    passwords: () => readPasswords(passwdFile, complain),
  });
  const { control } = options;
  const socket = control === undefined ? undefined : openControl(control, (text) => fail(EX_OSERR, text));
  host.serve([
    ...services,
    ...(socket
      ? [
          new ControlService({
            door: new Door({ host, ...UNGUARDED }),
            clock,
            fd: socket.fd,
            ...controlRules(guard, complain),
          }),
        ]
      : []),
  ]);
  void host.toldToGoDown.then(async ({ by }) => {
    socket?.unlink();
    await close(by);
    pidFile?.remove();
    say('terminated');
    await journal.close(LAST_BYTES_MS);
    process.exit(0);
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => void host.down(true, sender(signal)));
  }
  process.on('SIGHUP', () => hub.reconfigure(sender('SIGHUP')));
  process.on('SIGUSR1', () => hub.bringUp(sender('SIGUSR1')));
  native.unblockSignal(constants.signals.SIGUSR1);
  process.on('SIGUSR2', () => hub.reopenLogs(sender('SIGUSR2')));
  native.collectOrphans();
  passOverStraySignals({ but: ['HUP', 'INT', 'USR1', 'USR2'], foreground: !options.daemon });

  // Before the first output.
  await host.openServices('others');
  await host.open([]);
  await Promise.race([opened(), pause(clock, START_TIMEOUT_MS)]);
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
  how.started?.();
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
): Omit<ControlServiceParts, 'door' | 'clock' | 'fd'> {
  return {
    load: loadControl,
    mayKeep: (descriptor) => guard.fits(descriptor, 'control'),
    strays: guard.strays,
    refused: () => guard.refused('the control socket'),
    fault: (error) => complain(`control API: ${(error as Error).stack ?? error}`),
  };
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
