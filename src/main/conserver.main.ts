/** The conserver personality. */

import { spawn } from 'node:child_process';
import { type ConserverOptions, parseConserver } from '../cli/conserver/options.ts';
import { help } from '../cli/conserver/usage.ts';
import { versionText } from '../cli/conserver/version.ts';
import { CONSERVER_VERSION } from '../codec/conserver-wire.ts';
import { loadConserver } from '../config/load-conserver-cf.ts';
import { showConsole } from '../grammar/conserver/check.ts';
import { ctime } from '../platform/ctime.ts';
import { typedWords } from '../platform/files/byte-names.ts';
import { bearClosedReaders } from '../platform/process/closed-readers.ts';
import { releaseMemoryWhenIdle } from '../platform/process/idle-memory.ts';
import { showAs } from '../platform/process/process-title.ts';
import { systemClock } from '../platform/time/clock.ts';
import { type Serving, serveConserver, startedAs } from './conserver-server.ts';

const [argv0 = 'conserver', ...words] = typedWords();
const program = argv0.slice(argv0.lastIndexOf('/') + 1);
const EX_USAGE = 64;
const EX_DATAERR = 65;
const EX_NOINPUT = 66;
const EX_SOFTWARE = 70;
/** Tells a server that it is the one in the background. */
const BACKGROUND = 'HOLDFAST_CONSERVER_BACKGROUND';

function stamped(text: string): Buffer {
  return Buffer.from(`[${ctime(systemClock.now())}] conserver (${process.pid}): ${text}\n`, 'latin1');
}

/** `-S`: reads the configuration and reports its mistakes; `-SS` also prints it. */
async function check({ configFile, check }: ConserverOptions): Promise<number> {
  process.stdout.write(stamped('performing configuration file syntax check'));
  let config: Awaited<ReturnType<typeof loadConserver>>['config'];
  try {
    config = (await loadConserver(configFile)).config;
  } catch (error) {
    process.stderr.write(stamped(`ERROR: cannot read \`${configFile}': ${(error as Error).message}`));
    return EX_NOINPUT;
  }
  for (const { at, message } of config.faults) {
    process.stderr.write(stamped(`ERROR: ${message}${at === undefined ? '' : ` [${at.file}:${at.line}]`}`));
  }
  if (check > 1) {
    for (const record of config.consoles) {
      process.stdout.write(Buffer.from(`${showConsole(record)}\n`, 'latin1'));
    }
  }
  return config.faults.length === 0 ? 0 : EX_DATAERR;
}

/**
 * `-d`: the server is another process without our terminal; we end when it serves, or with its status if it does not.
 */
async function background(): Promise<number> {
  process.stdout.write(Buffer.concat([CONSERVER_VERSION, startedAs(), 'daemonizing'].map(stamped)));
  const [executable, script] = process.argv as [string, string];
  const server = spawn(executable, [...process.execArgv, script, argv0, ...words], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { ...process.env, [BACKGROUND]: '1' },
  });
  server.stderr?.pipe(process.stderr);
  return await new Promise((resolve) => {
    server.once('message', () => resolve(0));
    server.once('exit', (code) => resolve(code ?? EX_SOFTWARE));
    server.once('error', () => resolve(EX_SOFTWARE));
  });
}

async function serve(given: ConserverOptions, how: Serving = {}): Promise<void> {
  const control = given.control ?? process.env.HOLDFAST_CONTROL;
  // It is not for the commands of the consoles.
  delete process.env.HOLDFAST_CONTROL;
  await serveConserver({ ...given, ...(control && { control }) }, how);
  releaseMemoryWhenIdle();
}

async function main(): Promise<void> {
  bearClosedReaders();
  const command = parseConserver(words);
  switch (command.verb) {
    case 'help':
      process.stderr.write(help(program));
      return;
    case 'version':
      process.stdout.write(versionText(program));
      return;
    case 'error':
      process.stderr.write(`${program}: ${command.message}\n${help(program)}`);
      process.exitCode = EX_USAGE;
      return;
    case 'serve':
      showAs(argv0, words);
      if (command.options.check > 0) {
        process.exitCode = await check(command.options);
      } else if (process.env[BACKGROUND] !== undefined) {
        // The output is no longer read: messages go to the log file.
        delete process.env[BACKGROUND];
        const started = () => process.send?.('serving', () => process.disconnect?.());
        await serve({ ...command.options, daemon: true }, { started });
      } else {
        // The server reports a file that cannot be read.
        const { daemon, configFile } = command.options;
        const loaded = daemon ? undefined : await loadConserver(configFile).catch(() => undefined);
        if (daemon || loaded?.config.settings.daemonmode) {
          process.exit(await background());
        }
        await serve(command.options, { ...(loaded && { loaded }) });
      }
  }
}

void main();
