/** Reads files of environment variables without blocking the main thread on a file server. */
import type { ConsoleConfig } from '../model/config.ts';
import { type Aside, aside, readFault } from '../platform/aside.ts';
import { parseEnvText } from './env-text.ts';

/** Reports what failed or was left out: by file and line, never by its text. */
export interface EnvFileEars {
  readonly waits: (what: string) => void;
  readonly notes: (text: string) => void;
}

/**
 * The variables of a file in its order. An optional file that cannot be read or used has none, as with systemd.
 * Rejects with an Error that names file, and line where it is one line's.
 */
export async function readEnvFile(
  { path, optional }: ConsoleConfig['envFile'][number],
  { waits, notes }: EnvFileEars,
  reader: Pick<Aside, 'readFile'> = aside,
): Promise<Variables> {
  const file = `environment file ${path}`;
  try {
    waits(file);
    return variablesOf(file, await reader.readFile(path), notes);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const message = error instanceof BadFile ? error.message : `${file} cannot be read: ${readFault(error as Error)}`;
    if (!optional) {
      throw new Error(message);
    }
    if (code !== 'ENOENT') {
      notes(`${message}; it is optional, so it is left out`);
    }
    return [];
  }
}

type Variables = readonly (readonly [name: string, value: string])[];

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The whole file is ignored. */
class BadFile extends Error {}

function variablesOf(file: string, bytes: Buffer, tell: EnvFileEars['notes']): Variables {
  const zero = bytes.indexOf(0);
  if (zero >= 0) {
    throw new BadFile(`${file}:${bytes.subarray(0, zero).toString('latin1').split('\n').length}: a NUL byte is in it`);
  }
  const { variables, notes } = parseEnvText(bytes.toString('latin1'));
  for (const { line, message } of notes) {
    tell(`${file}:${line}: ${message}`);
  }
  return variables.map(({ name, value, line }) => {
    try {
      return [name, UTF8.decode(Buffer.from(value, 'latin1'))];
    } catch {
      throw new BadFile(`${file}:${line}: not UTF-8 text`);
    }
  });
}
