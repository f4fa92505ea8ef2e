import { join, resolve } from 'node:path';
import { Program } from '../lib/process.ts';
import type { Settings } from '../lib/suite.ts';
import { awaitFile } from '../lib/workspace.ts';

/** `limit` is `bench/native/relay.c`: the same job without telnet, log or messages. */
export type Side = 'ours' | 'theirs' | 'limit';

/** A server in the foreground whose child runs. */
export type Server = {
  pid: number;
  childPid: number;
  /** Addresses in the notation of the load programs. */
  unix: string;
  tcp: string;
  log: string;
  stop(): Promise<void>;
};

/** The absolute path of a side's procServ. */
export function programOf(side: 'ours' | 'theirs', settings: Settings): string {
  return side === 'ours'
    ? resolve(settings.ours ?? join(import.meta.dirname, '../../bin/procServ'))
    : resolve(settings.theirs ?? '/usr/bin/procServ');
}

/** Writes the child's pid to a file as soon as it runs in its terminal: procServ starts it half a second late. */
export function announced(ready: string, child: readonly string[]): string[] {
  return ['/bin/sh', '-c', 'echo $$ >"$0"; exec "$@"', ready, ...child];
}

/** Starts a server in `directory` with one control endpoint on a unix socket and one on TCP; the child is not restarted. */
export async function startServer(
  settings: Settings,
  side: Side,
  directory: string,
  child: readonly string[],
  { log }: { log: boolean },
): Promise<Server> {
  const at = (name: string) => join(directory, name);
  const command = announced(at('ready'), child);
  const endpoint = `unix:${at('control')}`;
  const program =
    side === 'limit'
      ? new Program(settings.native('relay'), [at('info'), endpoint, '0', '--', ...command], { cwd: directory })
      : new Program(
          programOf(side, settings),
          [
            ...['-f', '-n', 'bench', '--noautorestart', '-p', at('pid'), '-I', at('info')],
            ...(log ? ['-L', at('log')] : []),
            ...['-P', endpoint, '-P', '0', ...command],
          ],
          // With -f stdin becomes a client, which must not happen here.
          { cwd: directory, input: 'ignore' },
        );
  try {
    const [childPid, info] = await Promise.race([
      Promise.all([awaitFile(at('ready'), 10_000), awaitFile(at('info'), 10_000)]),
      program.line().then((line): never => {
        throw new Error(`${program.name}: did not start but said: ${line}`);
      }),
    ]);
    const port = /^tcp:.*:(\d+)$/m.exec(info)?.[1];
    return {
      pid: program.pid,
      childPid: Number(childPid),
      unix: endpoint,
      tcp: `tcp:${port}`,
      log: at('log'),
      stop: () => program.stop(),
    };
  } catch (error) {
    await program.stop();
    throw error;
  }
}
