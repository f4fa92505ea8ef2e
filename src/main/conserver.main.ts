/** The conserver personality. */
import { loadConserver } from '../cli/conserver/load-config.ts';
import { type ConserverOptions, parseConserver } from '../cli/conserver/options.ts';
import { help } from '../cli/conserver/usage.ts';
import { showConsole } from '../grammar/conserver-check.ts';
import { CONSERVER_VERSION } from '../listeners/conserver/master-commands.ts';
import { ctime } from '../platform/ctime.ts';
import { serveConserver } from './conserver-server.ts';

const [, , argv0 = 'conserver', ...words] = process.argv;
const program = argv0.slice(argv0.lastIndexOf('/') + 1);
const EX_USAGE = 64;
const EX_DATAERR = 65;
const EX_NOINPUT = 66;

function stamped(text: string): Buffer {
  return Buffer.from(`[${ctime(Date.now())}] conserver (${process.pid}): ${text}\n`, 'latin1');
}

/** `-S`: reads the configuration, says what is wrong with it, and `-SS` what it says. */
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

async function main(): Promise<void> {
  const command = parseConserver(words);
  switch (command.verb) {
    case 'help':
      process.stderr.write(help(program));
      return;
    case 'version':
      process.stdout.write(
        `${program}: ${CONSERVER_VERSION}\n${program}: default config filename \`/etc/conserver/conserver.cf'\n`,
      );
      return;
    case 'error':
      process.stderr.write(`${program}: ${command.message}\n${help(program)}`);
      process.exitCode = EX_USAGE;
      return;
    case 'serve':
      if (command.options.check > 0) {
        process.exitCode = await check(command.options);
      } else {
        await serveConserver(command.options, () => undefined);
      }
  }
}

void main();
