import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { type IniResult, parseIsisIni } from '../../grammar/isis/ini.ts';
import { IsisInstance, IsisStartError } from '../../isis/instance.ts';
import { stamp } from '../../isis/stamp.ts';
import type { CommandLine } from '../../model/command-line.ts';
import { native } from '../../platform/native.ts';
import { ownName } from '../../platform/process/own-account.ts';
import { passOverStraySignals } from '../../platform/process/stray-signals.ts';
import { systemText } from '../../platform/system-text.ts';
import { systemClock } from '../../platform/time/clock.ts';
import { MicrosecondClock } from '../../platform/time/microsecond-clock.ts';

export interface IsisProgram {
  /** argv[0] as typed, and the words after it. */
  readonly program: string;
  readonly words: readonly string[];
  readonly version: string;
  /** `YYYY-MM-DD`, `hh:mm:ss` of the build. */
  readonly built: readonly [date: string, time: string];
  readonly env: NodeJS.ProcessEnv;
  readonly print: (line: string) => void;
  /** The same while it serves: it never waits for its readers. */
  readonly printNow: (line: string) => void;
}

/** Where it is in OSU's installations. */
const DEFAULT_INI = '/home/dts/Config/isis.ini';

export const ISIS: CommandLine = {
  name: 'isis',
  usage: ['[-dv] [-fcfgfile]'],
  summary: 'ISIS message server',
  help: 'Passes messages between the hosts of an instrument: by UDP, by serial lines, and with its own console.',
  options: [
    { short: 'd', help: 'daemon mode: no interactive console' },
    { short: 'v', help: 'print the version and exit' },
    {
      short: 'f',
      value: 'cfgfile',
      joined: 'always',
      words: 'file',
      help: `read this configuration instead of ${DEFAULT_INI} (no blank after -f)`,
    },
  ],
  operands: ['nothing'],
};

const USAGE = `
Usage: isis ${ISIS.usage[0]}

where:
${ISIS.options.map(({ short, value = '', help }) => `  ${`-${short}${value}`.padEnd(11)} ${help}`).join('\n')}`;

export type IsisArguments =
  | { readonly run: 'version' }
  | { readonly run: 'usage'; readonly error: string }
  | { readonly run: 'server'; readonly daemon: boolean; readonly ini: string };

/** Only the first letter after `-` counts (spec/isis.md 9). */
export function parseIsisArguments(words: readonly string[]): IsisArguments {
  let daemon = false;
  let ini = DEFAULT_INI;
  for (const word of words) {
    if (!word.startsWith('-')) {
      return { run: 'usage', error: '' };
    }
    switch (word.charAt(1)) {
      case 'd':
        daemon = true;
        break;
      case 'v':
        return { run: 'version' };
      case 'f':
        if (word.length === 2) {
          return { run: 'usage', error: 'ERROR: -f syntax incorrect\n' };
        }
        ini = word.slice(2);
        break;
      default:
        return { run: 'usage', error: `Error: Illegal option ${word.charAt(1)}\n` };
    }
  }
  return { run: 'server', daemon, ini };
}

function userName(env: NodeJS.ProcessEnv): string {
  return env.USER || ownName() || 'unknown';
}

/** Reads the file and prints what the original prints about it; undefined when the server must not start. */
function readIni(ini: string, print: (line: string) => void): IniResult | undefined {
  let text: string;
  try {
    text = readFileSync(ini, 'latin1');
  } catch (error) {
    print(`ERROR: Cannot open ISIS server runtime config file ${ini}\n       ${systemText(error)}`);
    return undefined;
  }
  const result = parseIsisIni(text);
  for (const notice of result.notices) {
    print(notice.original ?? `${ini}:${notice.line}: ${notice.text}`);
  }
  return result.fatal ? undefined : result;
}

/** Runs the server until it is asked to end. Resolves with the exit code. */
export async function runIsis(program: IsisProgram): Promise<number> {
  const { print, printNow, version, built } = program;
  const wanted = parseIsisArguments(program.words);
  if (wanted.run === 'version') {
    print(`isis version ${version} (${built[0]} ${built[1]})`);
    return 0;
  }
  if (wanted.run === 'usage') {
    print(wanted.error + USAGE);
    return 1;
  }
  const { daemon, ini } = wanted;
  const clock = new MicrosecondClock();
  const tell = (text: string): void => print(`${stamp(clock.wall())} ${program.program}: ${text}`);
  const abort = (why: string): void =>
    daemon ? tell(`${why} - aborting`) : print(`${why} - ${program.program} aborting`);
  if (daemon) {
    tell(`isis version ${version} started in daemon mode`);
  } else {
    print(`ISIS server version ${version}`);
  }
  const result = readIni(ini, print);
  if (!result) {
    abort(`Error parsing ini file ${ini}`);
    return 1;
  }
  const { config } = result;
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  let say = daemon ? () => undefined : printNow;
  let instance: IsisInstance;
  try {
    instance = await IsisInstance.open({
      config,
      rcFile: ini,
      clock,
      timers: systemClock,
      about: {
        version,
        program: program.program,
        user: userName(program.env),
        hostName: hostname(),
        date: built[0],
        time: built[1],
        console: !daemon,
      },
      event: () => undefined,
      complain: printNow,
      onQuit: () => finish(),
      reload: async () => readIni(ini, printNow)?.config ?? `cannot read ${ini}`,
      ...(daemon ? {} : { print: (line: string) => say(line) }),
    });
  } catch (error) {
    if (!(error instanceof IsisStartError)) {
      throw error;
    }
    print(`ERROR: ${error.message}`);
    abort(error.part === 'serial' ? 'Error initializing serial port' : 'server socket startup failure');
    return 2;
  }
  const { server } = instance;
  native.collectOrphans();
  passOverStraySignals({ but: daemon ? ['INT'] : ['HUP', 'INT', 'QUIT'], foreground: !daemon });
  process.once('SIGTERM', () => finish());
  process.once('SIGINT', () => finish());
  const start = (): void => {
    if (config.handshaking) {
      server.handshake();
    }
  };
  if (daemon) {
    tell(`server started as host ${server.id} on port ${server.port}`);
    tell('server cold start initiated');
    start();
    tell('server cold start done');
    await finished;
  } else {
    const { IsisConsole } = await import('./isis-console.ts');
    const terminal = new IsisConsole({
      server,
      print: printNow,
      finish: () => finish(),
      started: clock.wall(),
      version,
    });
    say = (line) => terminal.show(line);
    terminal.open(start);
    await finished;
    terminal.close();
  }
  await instance.close();
  if (daemon) {
    tell('server shutdown');
  } else {
    // Below the last prompt.
    print(`\n${server.id} server shut down`);
  }
  return 0;
}
