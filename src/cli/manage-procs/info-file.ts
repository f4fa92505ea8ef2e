/** The info file of a running procServ: its pid and where it listens (spec/procserv.md 8). */
import { readFileSync } from 'node:fs';

export type Address =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: string }
  | { readonly kind: 'unix'; readonly path: string };

export interface Info {
  readonly alive: boolean;
  /** As written, without the scheme. */
  readonly shown: readonly string[];
  readonly addresses: readonly Address[];
}

/** Undefined if there is no such file: not started. */
export function readInfo(file: string): Info | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
  const lines = text.split('\n').map((line) => line.trim());
  const pid = Number(/^pid:(\d+)$/m.exec(text)?.[1] ?? Number.NaN);
  const listening = lines.filter((line) => /^(tcp|unix):/.test(line));
  return {
    alive: isAlive(pid),
    shown: listening.map((line) => line.slice(line.indexOf(':') + 1)),
    addresses: listening.map(addressOf).filter((address) => address !== undefined),
  };
}

function addressOf(line: string): Address | undefined {
  if (line.startsWith('unix:')) {
    return { kind: 'unix', path: line.slice('unix:'.length) };
  }
  const [, host, port] = /^tcp:\[?(.*?)\]?:(\d+)$/.exec(line) ?? [];
  return host === undefined || port === undefined ? undefined : { kind: 'tcp', host, port };
}

/** A process that we may not signal is alive. */
function isAlive(pid: number): boolean {
  if (!(pid > 0)) {
    return false;
  }
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
