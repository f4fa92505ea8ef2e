/** The settings of a conserver.cf and the command line of `conserver` together (spec/conserver.md 7). */
import type { ConserverOptions } from '../cli/conserver/options.ts';
import type { LoadedConserver } from '../config/load-conserver-cf.ts';
import { consoleOfCf } from '../grammar/conserver/console-config.ts';
import { listenerOfCf } from '../grammar/conserver/listener.ts';
import type { ConsoleOption, ConsoleRecord } from '../grammar/conserver/records.ts';
import type { ConsoleConfig, HostConfig } from '../model/config.ts';
import type { ConserverListener } from '../model/conserver-config.ts';
import { ownShell } from '../platform/process/own-account.ts';

/** A conserver.cf as this server uses it. */
export interface ProgramConfig {
  readonly host: HostConfig & { readonly conserver: ConserverListener };
  /** The consoles that are ours. */
  readonly records: ReadonlyMap<ConsoleConfig, ConsoleRecord>;
}

/** Where a server listens, decided at its start. */
export type Ports = Pick<ConserverListener, 'listen' | 'port' | 'groupPort'>;

/** The command line wins over the file. */
export function programConfig(
  { config, isThisHost }: LoadedConserver,
  options: ConserverOptions,
  ports: Ports,
): ProgramConfig {
  const forced: Partial<Record<ConsoleOption, boolean>> = {
    ...(options.stripHigh && { striphigh: true }),
    ...(options.noAutoReinit && { autoreinit: false }),
    ...(options.onDemand && { ondemand: true }),
    ...(options.reinitOnConnect && { reinitoncc: true }),
    ...(options.unloved && { unloved: true }),
  };
  const ours = config.consoles
    .filter(({ master }) => isThisHost(master))
    .map((record): ConsoleRecord => ({ ...record, options: { ...record.options, ...forced } }));
  const shell = ownShell();
  const consoles = ours.map((record) => consoleOfCf(record, shell));
  const records = new Map(consoles.map((console, index) => [console, ours[index] as ConsoleRecord]));
  const listener = listenerOfCf(config, isThisHost);
  const nobody = { write: [], read: [] };
  const conserver: ConserverListener = {
    ...{ ...listener, ...ports, place: { file: options.configFile, line: 1 }, cf: options.configFile },
    // The server has made its keys at its start, and reads its passwords itself.
    ...{ tls: { kind: 'none' }, tlsRequired: !options.plain && (config.settings.sslrequired ?? true) },
    ...{ consoles: ['*'], everybody: nobody, details: new Map() },
    defaultAccess: options.defaultAccess ?? listener.defaultAccess,
    redirect: options.redirect && listener.redirect,
  };
  const unifiedLog = options.unifiedLog ?? config.settings.unifiedlog;
  return {
    host: {
      server: { ...SERVER, ...(unifiedLog !== undefined && { unifiedLog }) },
      ...{ consoles, isis: [], conserver, files: [options.configFile], unread: [] },
    },
    records,
  };
}

/** Nothing of it is in a folder of its own. */
const SERVER = {
  ...{ runtimeDir: '', stateDir: '', logDir: '', controlMode: 0o660 },
  ...{ startAtOnce: Number.POSITIVE_INFINITY, logDelay: 0, eventsKeep: 0 },
};
