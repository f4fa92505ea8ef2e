/** Block `config` of the server (spec/conserver.md 7.2). */
import type { ValueReader } from './reader.ts';
import type { ConserverEnvironment, ServerSettings } from './records.ts';
import { parseBoolean, parseNumber } from './values.ts';

/** Settings that a running server cannot change: a reload names them. */
export const NEEDS_RESTART = [
  ...(['daemonmode', 'primaryport', 'secondaryport'] as const),
  ...(['sslcacertificatefile', 'sslcredentials', 'sslrequired', 'sslreqclientcert'] as const),
] as const satisfies readonly (keyof ServerSettings)[];

type Read = ValueReader<ServerSettings>;
type Keys<Value> = {
  [Key in keyof ServerSettings]-?: NonNullable<ServerSettings[Key]> extends Value ? Key : never;
}[keyof ServerSettings];

function flag(key: Keys<boolean>): [string, Read] {
  return [
    key,
    (settings, value) => {
      const read = parseBoolean(value);
      if (read === undefined) {
        return `\`${value}' is neither yes nor no`;
      }
      settings[key] = read;
      return undefined;
    },
  ];
}

type TextKey = Exclude<Keys<string>, 'defaultaccess'>;

function text(key: TextKey): [string, Read] {
  return [
    key,
    (settings, value) => {
      if (value === '') {
        delete settings[key];
      } else {
        settings[key] = value;
      }
      return undefined;
    },
  ];
}

function number(key: Keys<number>, parse: (value: string) => number | undefined): [string, Read] {
  return [
    key,
    (settings, value) => {
      const read = value === '' ? 0 : parse(value);
      if (read === undefined) {
        return `\`${value}' is no such number`;
      }
      settings[key] = read;
      return undefined;
    },
  ];
}

/** Minutes, or `10s`, `5m` of the newer sources. */
function reinitSeconds(value: string): number | undefined {
  const parts = /^(\d{1,6})([sm]?)$/.exec(value);
  return parts === null ? undefined : Number(parts[1]) * (parts[2] === 's' ? 1 : 60);
}

/** A number or the name of a service. */
function port(key: 'primaryport' | 'secondaryport', { servicePort }: ConserverEnvironment): [string, Read] {
  const [, read] = text(key);
  return [
    key,
    (settings, value, at) => {
      const known = value === '' || (parseNumber(value, 0, 65_535) ?? servicePort(value)) !== undefined;
      return known ? read(settings, value, at) : `\`${value}' is neither a port number nor a known service`;
    },
  ];
}

export const settingReaders = (environment: ConserverEnvironment): ReadonlyMap<string, Read> =>
  new Map([
    flag('autocomplete'),
    flag('daemonmode'),
    ['defaultaccess', readDefaultAccess],
    number('initdelay', (value) => parseNumber(value, 0, 999_999)),
    text('logfile'),
    flag('loghostnames'),
    text('passwdfile'),
    port('primaryport', environment),
    flag('redirect'),
    number('reinitcheck', reinitSeconds),
    port('secondaryport', environment),
    flag('setproctitle'),
    text('sslcacertificatefile'),
    text('sslcredentials'),
    flag('sslrequired'),
    flag('sslreqclientcert'),
    text('unifiedlog'),
  ]);

function readDefaultAccess(settings: ServerSettings, value: string): string | undefined {
  const word = value.toLowerCase();
  if (word === '') {
    delete settings.defaultaccess;
  } else if (word === 'rejected' || word === 'allowed' || word === 'trusted') {
    settings.defaultaccess = word;
  } else {
    return `\`${value}' is not one of rejected, allowed, trusted`;
  }
  return undefined;
}
