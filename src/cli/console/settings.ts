/** The client's settings: system file, user file, command line; the later one wins (spec/conserver.md 5.1, 5.4). */
import { readFileSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_ESCAPE, type EscapeSequence, parseEscape } from '../../codec/conserver-escape.ts';
import { type ConsoleSettings, readConsoleRc } from '../../grammar/conserver/console-rc.ts';
import { type ReadFile, showFault } from '../../grammar/conserver/source.ts';
import { servicePort } from '../../platform/net/this-host.ts';
import { ownName } from '../../platform/process/own-account.ts';
import { ConsoleFailure } from './failure.ts';
import type { CommandLine } from './options.ts';

export const SYSTEM_FILE = '/etc/conserver/console.cf';
export const DEFAULT_MASTER = 'console';
export const DEFAULT_PORT = '782';

export interface ClientSettings extends ConsoleSettings {
  readonly sequence: EscapeSequence;
  readonly host: string;
  readonly portNumber: number;
  readonly user: string;
  readonly encrypt: boolean;
  readonly encryptionRequired: boolean;
}

/** `warn` gets the complaints about configuration files; they do not end the client. Throws ConsoleFailure. */
export function clientSettings(line: CommandLine, warn: (message: string) => void): ClientSettings {
  const settings: ConsoleSettings = {};
  if (line.systemFile) {
    readInto(settings, SYSTEM_FILE, false, warn);
  }
  const home = process.env.HOME;
  const userFile = line.userFile ?? (home ? join(home, '.consolerc') : undefined);
  if (userFile !== undefined) {
    readInto(settings, userFile, line.userFile !== undefined, warn);
  }
  if (line.credentials !== undefined) {
    settings.sslcredentials = line.credentials;
  }
  if (line.stripHigh) {
    settings.striphigh = true;
  }
  const escapeText = line.escape ?? settings.escape;
  const sequence = escapeText === undefined ? DEFAULT_ESCAPE : parseEscape(escapeText);
  if ('fault' in sequence) {
    throw new ConsoleFailure(sequence.fault);
  }
  if (settings.striphigh && (sequence.first | sequence.second) & 0x80) {
    throw new ConsoleFailure(`escape sequence \`${escapeText}' has an 8-bit character, which -7 (striphigh) rules out`);
  }
  return {
    ...settings,
    sequence,
    host: line.master || settings.master || DEFAULT_MASTER,
    portNumber: toPort(line.port ?? settings.port ?? DEFAULT_PORT),
    user: line.user ?? settings.username ?? loginName(),
    encrypt: line.encryption !== 'never' && settings.sslenabled !== false,
    encryptionRequired: line.encryption === undefined && settings.sslrequired !== false,
  };
}

const readConfigFile: ReadFile = (path) => {
  try {
    return { text: readFileSync(path, 'latin1') };
  } catch (error) {
    return { error: (error as Error).message };
  }
};

function readInto(settings: ConsoleSettings, file: string, named: boolean, warn: (message: string) => void): void {
  const found = readConfigFile(file);
  if ('error' in found) {
    if (named) {
      warn(`could not open \`${file}'`);
    }
    return;
  }
  const context = { isThisHost, terminal: process.env.TERM ?? '' };
  for (const fault of readConsoleRc(file, found.text, readConfigFile, context, settings)) {
    warn(showFault(fault));
  }
}

/** Our host name, with or without its domain, or one of our addresses. */
function isThisHost(name: string): boolean {
  const own = hostname().toLowerCase();
  const asked = name.toLowerCase();
  if (asked === own || asked === 'localhost' || asked.split('.')[0] === own || asked === own.split('.')[0]) {
    return true;
  }
  return Object.values(networkInterfaces()).some((list) => list?.some((entry) => entry.address === asked));
}

function loginName(): string {
  const name = process.env.LOGNAME || process.env.USER || ownName();
  if (name === undefined) {
    throw new ConsoleFailure(`user ${process.getuid?.()} has no name here: give one with -l, or in LOGNAME`);
  }
  return name;
}

/** A number or a name of /etc/services. */
function toPort(text: string): number {
  if (/^\d+$/.test(text)) {
    const port = Number(text);
    if (port < 1 || port > 65_535) {
      throw new ConsoleFailure(`port ${text} is not between 1 and 65535`);
    }
    return port;
  }
  const port = servicePort(text);
  if (port === undefined) {
    throw new ConsoleFailure(`getservbyname(${text}) failed`);
  }
  return port;
}
