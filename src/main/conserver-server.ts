/** Puts the parts of a conserver together: consoles of a conserver.cf, two ports, signals (spec/conserver.md 7.4, 7.5). */

import { readFileSync } from 'node:fs';
import { constants, hostname } from 'node:os';
import type { TLSSocketOptions } from 'node:tls';
import { Memberships } from '../access/group-member.ts';
import { passwordFits } from '../access/password-hash.ts';
import { Passwords, readPasswords } from '../access/passwords.ts';
import { systemPasswords } from '../access/system-password.ts';
import { DEFAULTS } from '../cli/conserver/defaults.ts';
import type { ConserverOptions } from '../cli/conserver/options.ts';
import { CONSERVER_VERSION } from '../codec/conserver-wire.ts';
import { type LoadedConserver, loadConserver } from '../config/load-conserver-cf.ts';
import type { RunAs, ServerSettings } from '../grammar/conserver/records.ts';
import { NEEDS_RESTART } from '../grammar/conserver/settings.ts';
import { type Fault, showFault } from '../grammar/conserver/source.ts';
import { conserverTls } from '../listeners/conserver/conserver-tls.ts';
import { AccessRules } from '../listeners/conserver/model/access.ts';
import type { ConsoleHub, LogSink } from '../listeners/conserver/model/ports.ts';
import type { WorldConfig } from '../listeners/conserver/model/world-config.ts';
import { UnifiedLines } from '../listeners/conserver/served/unified-log.ts';
import { ConsoleWorld } from '../listeners/conserver/served/world.ts';
import { ConserverServer, NO_DESCRIPTORS } from '../listeners/conserver/wire/server.ts';
import { bytesOf } from '../model/byte-text.ts';
import { fsPath } from '../platform/files/byte-names.ts';
import { DiskFiles } from '../platform/files/disk-files.ts';
import { OwnFile } from '../platform/files/own-file.ts';
import { native } from '../platform/native.ts';
import { servicePort } from '../platform/net/this-host.ts';
import { DescriptorGuard } from '../platform/process/descriptors.ts';
import { Identities } from '../platform/process/run-as.ts';
import { runShell } from '../platform/process/shell-command.ts';
import { passOverStraySignals } from '../platform/process/stray-signals.ts';
import { systemText } from '../platform/system-text.ts';
import { systemClock as clock } from '../platform/time/clock.ts';
import { every } from '../platform/time/every.ts';
import { pause } from '../platform/time/pause.ts';
import { worldConfig } from './conserver-config.ts';
import { ConserverJournal } from './conserver-journal.ts';
import { openSource } from './conserver-sources.ts';

const EX_SOFTWARE = 70;
const EX_OSERR = 71;
const EX_CONFIG = 66;
/**
 * Milliseconds that commands and connections get to come up before clients are accepted; clients see the others come
 * up.
 */
const START_TIMEOUT_MS = 2000;
const LAST_BYTES = 2000;

/** Serves until a signal or an administrator ends it. Exits with 66, 70 (certificates) or 71 if it cannot start. */
export async function serveConserver(options: ConserverOptions, started: () => void): Promise<void> {
  const journal = new ConserverJournal();
  const { say, complain } = journal;
  const inform = (text: string): void => {
    if (options.verbose) {
      say(`INFO: ${text}`);
    }
  };
  const fail = (status: number, text: string): never => {
    complain(text);
    process.exit(status);
  };
  journal.use(undefined);
  const loaded: LoadedConserver = await loadConserver(options.configFile).catch((error: Error) =>
    fail(EX_CONFIG, `cannot read \`${asBytes(options.configFile)}': ${systemText(error)}`),
  );
  const { settings } = loaded.config;
  useLog(journal, options, settings);
  say(CONSERVER_VERSION);
  say(startedAs());
  for (const fault of loaded.config.faults) {
    complain(faultText(fault));
  }

  let unified: LogSink | undefined;
  const openUnified = (path: string | undefined): void => {
    unified = path === undefined ? undefined : journal.open(path);
  };
  try {
    openUnified(options.unifiedLog ?? settings.unifiedlog);
  } catch (error) {
    complain(`unified log: ${(error as Error).message}`);
  }
  const unifiedLines = new UnifiedLines((line) => unified?.append(line, clock.now()));
  const stdout = journal.stdout();
  const unlovedLines = new UnifiedLines((line) => stdout.append(line, clock.now()));

  const firstConfig = worldConfig(loaded, options);
  let unloved = unlovedNames(firstConfig);
  const memberships = new Memberships(clock);
  const identities = new Identities();
  await identities.learn(runAsOf(firstConfig));
  const world = new ConsoleWorld(firstConfig, {
    openSource,
    openLog: journal.open,
    disk: new DiskFiles(clock),
    startCommand: ({ cmd, input, runas }, _record, { output, ended }) =>
      runShell({ cmd, input, ...identities.of(runas) }, output, ended),
    clock,
    ...{ say, complain, inform },
    unified: (name, bytes, written) => {
      if (unified !== undefined) {
        unifiedLines.add(name, bytes, written);
      }
      if (!written && unloved.has(name)) {
        unlovedLines.add(name, bytes, written);
      }
    },
  });

  const reopenLogs = (): void => {
    journal.reopen();
    unified?.reopen();
    world.reopenLogs();
  };
  let current = settings;
  let ending = false;
  const reloadOnce = async (): Promise<void> => {
    say('processing SIGHUP');
    const next = await loadConserver(options.configFile).catch((error: Error) => {
      complain(`cannot read \`${asBytes(options.configFile)}': ${systemText(error)}`);
      return undefined;
    });
    if (ending) {
      return;
    }
    const faults = next?.config.faults ?? [];
    for (const fault of faults) {
      complain(faultText(fault));
    }
    if (next !== undefined && faults.length === 0) {
      for (const key of NEEDS_RESTART.filter((name) => next.config.settings[name] !== current[name])) {
        complain(`\`${key}' has changed: that takes effect at the next start`);
      }
      current = next.config.settings;
      const config = worldConfig(next, options);
      await identities.learn(runAsOf(config));
      const access = new AccessRules(config.access, config.isThisHost, config.defaultAccess, memberships.has);
      unloved = unlovedNames(config);
      world.apply(config, (name, record) => access.rights(name, record));
    } else {
      complain('the configuration stays as it was');
    }
    reopenLogs();
    world.bringUp();
  };
  let reloading = Promise.resolve();
  /** One at a time: names are looked up, and an earlier configuration must not be applied last. */
  const reload = (): void => {
    reloading = reloading.then(reloadOnce);
  };

  /** An ended console stays ended. */
  const bringUp = (): void => {
    if (!ending) {
      world.bringUp();
    }
  };

  const terminate = async (): Promise<void> => {
    if (ending) {
      return;
    }
    ending = true;
    server.close('[-- Console server shutting down --]\r\n');
    await world.shutDown();
    pidFile?.remove();
    say('terminated');
    await Promise.all([stdout, ...(unified ? [unified] : [])].map((sink) => sink.close(LAST_BYTES)));
    await journal.close(LAST_BYTES);
    process.exit(0);
  };
  const hub: ConsoleHub = {
    bringUp: () => {
      say('processing SIGUSR1');
      bringUp();
    },
    reopenLogs: () => {
      say('processing SIGUSR2');
      reopenLogs();
      bringUp();
    },
    reconfigure: reload,
    // The answer is sent first.
    terminate: () => setImmediate(() => void terminate()),
  };
  const guard = new DescriptorGuard(clock, complain);
  const passwdFile = options.passwdFile ?? settings.passwdfile ?? DEFAULTS.passwd;
  const server = new ConserverServer({
    ...{ world, hub, clock, memberships, hostname: hostname(), say, inform },
    admits: (socket) => guard.admits(socket, 'the ports', NO_DESCRIPTORS),
    passwords: new Passwords(
      clock,
      () => readPasswords(passwdFile, complain),
      passwordFits,
      systemPasswords('conserver', clock, say, complain),
    ),
    tls: {
      options: tlsOptions(options, settings, (text) => fail(EX_SOFTWARE, text)),
      required: !options.plain && (settings.sslrequired ?? true),
    },
  });

  process.on('SIGTERM', () => void terminate());
  process.on('SIGINT', () => void terminate());
  process.on('SIGHUP', reload);
  process.on('SIGUSR1', hub.bringUp);
  native.unblockSignal(constants.signals.SIGUSR1);
  process.on('SIGUSR2', hub.reopenLogs);
  native.collectOrphans();
  passOverStraySignals({ but: ['HUP', 'INT', 'USR1', 'USR2'], foreground: !options.daemon });

  await Promise.race([world.start(), pause(clock, START_TIMEOUT_MS)]);
  const portOf = (text: string): number =>
    portNumber(text) ??
    fail(EX_OSERR, `\`${text}' is not a port: neither a number to 65535 nor a service of /etc/services`);
  const port = portOf(options.port ?? settings.primaryport ?? DEFAULTS.port);
  const groupPort = portOf(options.basePort ?? settings.secondaryport ?? '0');
  try {
    await server.listen(options.address ?? '0.0.0.0', port, groupPort);
  } catch (error) {
    await world.shutDown();
    fail(EX_OSERR, `cannot listen: ${listenText(error as NodeJS.ErrnoException)}`);
  }
  const pidFile = writePidFile(complain);
  const seconds = options.reinitCheck === undefined ? (settings.reinitcheck ?? 0) : options.reinitCheck * 60;
  if (seconds > 0) {
    every(clock, seconds * 1000, bringUp, { ref: false });
  }
  started();
}

/** Consoles whose output goes to standard output while they have no writer. */
function unlovedNames({ consoles }: WorldConfig): Set<string> {
  return new Set(consoles.filter(({ options }) => options.unloved).map(({ name }) => name));
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

/** The user of tasks and initcmds. */
function runAsOf({ tasks, consoles }: WorldConfig): (RunAs | undefined)[] {
  return [...Array.from(tasks.values(), ({ runas }) => runas), ...consoles.map(({ initrunas }) => initrunas)];
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
