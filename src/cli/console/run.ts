/** console(1): command line in, exit status out. */

import { basename } from 'node:path';
import { fromBytes, toBytes } from '../../codec/byte-string.ts';
import { bytesOf } from '../../model/byte-text.ts';
import type { Client } from './client.ts';
import { disconnect } from './disconnect.ts';
import { ConsoleFailure, UNAVAILABLE } from './failure.ts';
import { join } from './join.ts';
import { type Action, parseCommandLine } from './options.ts';
import { say } from './say.ts';
import { commandServers } from './servers.ts';
import { clientSettings } from './settings.ts';
import { status } from './status.ts';
import { help } from './usage.ts';
import { versionText } from './version.ts';

/** With --strict-exit: a server answered with an error. */
const REFUSED = 1;

type ServerAction = Exclude<Action, { kind: 'help' | 'version' }>;

/** `argv0` as typed; `version` of Holdfast. Ends with the exit status; never throws for what users and servers do. */
export async function runConsole(argv0: string, words: readonly string[], version: string): Promise<number> {
  const program = basename(argv0);
  const write = (stream: NodeJS.WriteStream) => (text: string | Uint8Array) =>
    void stream.write(typeof text === 'string' ? toBytes(text) : text);
  const out = write(process.stdout);
  const err = write(process.stderr);
  const warn = (message: string) => err(`${program}: ${message}\n`);
  // The reader of our output may leave first: `console | head`.
  process.stdout.on('error', () => process.exit(0));
  process.stderr.on('error', () => undefined);
  for (const [signal, status] of [
    ['SIGHUP', 129],
    ['SIGTERM', 143],
  ] as const) {
    process.once(signal, () => process.exit(status));
  }
  const failures = new Set<'refused' | 'unreachable'>();
  try {
    const line = parseCommandLine(
      program,
      words.map((word) => fromBytes(bytesOf(word))),
    );
    if (line.action.kind === 'help') {
      err(help(program));
      return 0;
    }
    if (line.action.kind === 'version') {
      out(versionText(program, version));
      return 0;
    }
    const settings = clientSettings(line, warn);
    if (settings.sslcredentials || settings.sslcacertificatefile || settings.sslcacertificatepath) {
      const { prepareTls } = await import('./tls.ts');
      prepareTls(settings);
    }
    const client: Client = {
      program,
      settings,
      onlyUp: line.onlyUp,
      verbose: line.verbose,
      out,
      warn,
      failed: (why) => void failures.add(why),
      ...(line.debug && {
        trace: (direction: string, bytes: Uint8Array) =>
          warn(`DEBUG: ${direction} ${JSON.stringify(fromBytes(bytes))}`),
      }),
    };
    await perform(client, line.action);
    if (!line.strictExit || failures.size === 0) {
      return 0;
    }
    return failures.has('unreachable') ? UNAVAILABLE : REFUSED;
  } catch (error) {
    if (!(error instanceof ConsoleFailure)) {
      throw error;
    }
    warn(error.message);
    err(error.more);
    return error.status;
  }
}

async function perform(client: Client, action: ServerAction): Promise<void> {
  switch (action.kind) {
    case 'join':
      return await join(client, action.name, action);
    case 'status':
      return await status(client, action.command, action.all, action.name);
    case 'servers':
      return await commandServers(client, action.command, action.all, action.prefixed);
    case 'say':
      return await say(client, action.command, action.all);
    case 'disconnect':
      return await disconnect(client, action.who);
  }
}
