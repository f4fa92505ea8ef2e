/** `holdfast`: the commands, and the hooks to bundles that are loaded only when needed. */

import { dirname, resolve } from 'node:path';
import type { ConfigTools, Hooks, OtherLines, UpOptions } from '../cli/holdfast/command/command.ts';
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

/** The server's hook: `holdfast-server.late.ts` exports `serve(options)`, which resolves with the exit code at its end. */
function up(options: UpOptions): Promise<number> {
  return beside<{ serve: (options: UpOptions) => Promise<number> }>('holdfast-server.cjs', 'server').serve(options);
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
    up: async (options) => up(options),
    import: async (kinds) => others().importWords(kinds),
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
