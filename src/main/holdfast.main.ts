/** `holdfast`: the commands, and the hooks to bundles that are loaded only when needed. */

import { dirname, resolve } from 'node:path';
import type { ConfigTools, Hooks, Io, OtherLines, UpOptions } from '../cli/holdfast/command/command.ts';
import { EXIT } from '../cli/holdfast/command/exit-codes.ts';
import { COMMANDS } from '../cli/holdfast/commands.ts';
import type { HostsToml } from '../cli/holdfast/parts/known-hosts.ts';
import { processIo } from '../cli/holdfast/process-io.ts';
import { run } from '../cli/holdfast/run.ts';
import { controlSocket } from '../cli/holdfast/socket-path.ts';
import { connectControl } from '../client/control-connection.ts';
import { hostsPath } from '../config/config-files.ts';
import { VERSION } from '../model/version.ts';
import { systemClock } from '../platform/time/clock.ts';
import { beside } from './beside.ts';

/** The server's hook: `holdfast-server.late.ts` exports `serve(options, io)`, which resolves with the exit code at its end. */
async function up(options: UpOptions, io: Io): Promise<number> {
  return beside<{ serve: Hooks['up'] }>('holdfast-server.cjs', 'server').serve(options, io);
}

interface ImportBundle {
  readonly importWords: Hooks['import'];
  readonly exportWords: Hooks['export'];
  readonly files: ConfigTools;
}

/** `holdfast-import.late.ts`. */
function others(): ImportBundle {
  return beside<ImportBundle>('holdfast-import.cjs', 'import');
}

const [, , , ...words] = process.argv;
run(words, {
  commands: COMMANDS,
  io: processIo(systemClock),
  clock: systemClock,
  hooks: {
    up,
    import: async (kinds, io) => others().importWords(kinds, io),
    top: async (context) => beside<{ top: Hooks['top'] }>('holdfast-top.cjs', 'top').top(context),
    export: async (...how) => others().exportWords(...how),
    lines: async () => beside<{ lines: OtherLines }>('holdfast-programs.cjs', 'records of programs').lines,
    files: () => others().files,
  },
  version: VERSION,
  docs: resolve(dirname(process.argv[1] as string), '../docs'),
  socket: controlSocket(process.env, process.getuid?.() ?? 0),
  hosts: async () => {
    const { KnownHosts } = await import('../cli/holdfast/parts/known-hosts.ts');
    const toml = beside<HostsToml>('holdfast-hosts.cjs', 'hosts');
    return new KnownHosts(hostsPath(process.env), systemClock, toml);
  },
  connect: connectControl,
}).then(
  // Not exit(): output to a pipe may still be pending.
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    process.stderr.write(`holdfast: ${error.stack}\n`);
    process.exitCode = EXIT.internal;
  },
);
