/**
 * The machine on which a page is tried: real terminals with a real shell, and the files and ports that the page names.
 */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { atEnd } from './at-end.ts';
import { type Block, lookUntilTrue, type Step, stepsOf, type Typed, typedOf, untrue } from './guide.ts';
import { temporaryDirectory } from './machine.ts';
import { Terminal } from './terminal.ts';
import { TIMEOUT_MS, until } from './until.ts';

const ROOT = join(import.meta.dirname, '../..');
const SCRIPT = join(import.meta.dirname, 'guide-world.sh');
const NOT_HERE = 77;
/** File that gets the actual output of all commands, for writing a page. */
const TRANSCRIPT = process.env.HOLDFAST_TRANSCRIPT;
/** Output that a page shows arrives within this time, even on a busy machine. */
const PATIENCE_MS = TRANSCRIPT === undefined ? TIMEOUT_MS : 4000;
/** A script of a page starts several servers, on a busy machine too. */
const SCRIPT_TIMEOUT_MS = 180_000;
/** Commands that change nothing, and are repeated until the page is true: a test types faster than a person, so state may lag. */
const LOOKS =
  /^(holdfast (ps|status|why|events|grep|doctor|plan)\b|holdfast isis( hosts)?$|console .*-[uwx]|tail|ls|cat)/;
/** The shell's prompt; no other program prints the first byte. */
const PROMPT = '\x1f$ ';
/** Characters of unexpected output in an error message. */
const MAX_SHOWN = 3000;
/** A user without a home has that of root, where nothing can be written. */
const ENTER = `if id "$0" >/dev/null 2>&1; then
  home=$(getent passwd "$0" | cut -d: -f6); [ -d "$home" ] || home=$HOME
  exec runuser -u "$0" -- env HOME="$home" "$@"
fi; exec "$@"`;
const SHELL = ['bash', '--noprofile', '--norc', '--noediting', '-i'];

export interface PageOptions {
  /** Shell script that prepares the prerequisites of the page, run as root in /tmp. */
  readonly prepare?: string;
  /** Working directory of every terminal. */
  readonly directory?: string;
  /** Longer scripts that a mark `run` refers to by name. */
  readonly scripts?: Readonly<Record<string, string>>;
}

export class GuideWorld {
  readonly #t: TestContext;
  readonly #enter: readonly string[];
  readonly #directory: string;
  readonly #scripts: Readonly<Record<string, string>>;
  readonly #terminals = new Map<string, Screen>();

  private constructor(t: TestContext, enter: readonly string[], { directory = '/tmp', scripts = {} }: PageOptions) {
    this.#t = t;
    this.#enter = enter;
    this.#directory = directory;
    this.#scripts = scripts;
  }

  /** Skips the test, with the reason, and returns undefined if the machine cannot be created. */
  static async make(t: TestContext, options: PageOptions): Promise<GuideWorld | undefined> {
    const words = [SCRIPT, ROOT, temporaryDirectory(t), options.prepare ?? ''];
    const first = spawn('bash', words, { stdio: ['pipe', 'pipe', 'pipe'] });
    let said = '';
    first.stderr.on('data', (text) => {
      said += text;
    });
    const ended = once(first, 'exit').then(([code]) => code as number);
    atEnd(t, () => {
      first.stdin.end();
      return ended;
    });
    const code = await Promise.race([ended, once(first.stdout, 'data').then(() => undefined)]);
    if (code === NOT_HERE) {
      t.skip(said.trim());
      return undefined;
    }
    if (code !== undefined) {
      throw new Error(`no machine for the page, status ${code}: ${said}`);
    }
    const inside = readFileSync(`/proc/${first.pid}/task/${first.pid}/children`, 'utf8').trim();
    const enter = ['nsenter', '--target', inside, '--mount', '--net', '--pid', '--uts', '--ipc', '--'];
    return new GuideWorld(t, enter, options);
  }

  /** Runs a shell script there, as root; returns its output. */
  async run(script: string): Promise<string> {
    const [file, ...words] = [...this.#enter, 'bash', '--norc', '-euc', `cd ${this.#directory}; ${script}`];
    const { stdout } = await promisify(execFile)(file as string, words, {
      env: environment(),
      timeout: SCRIPT_TIMEOUT_MS,
    });
    return stdout;
  }

  /** Runs a block; rejects if the page is wrong. */
  async follow(block: Block): Promise<void> {
    const { marks, language, text } = block;
    const before = marks.get('run');
    if (before !== undefined) {
      await this.run(this.#scripts[before] ?? before);
    }
    const file = marks.get('file');
    if (file !== undefined) {
      await this.run(
        `mkdir -p "$(dirname '${file}')"; base64 -d <<<'${Buffer.from(text).toString('base64')}' >'${file}'`,
      );
    }
    if (language !== 'console') {
      return;
    }
    const terminal = await this.#terminal(marks.get('terminal') ?? 'root');
    const steps = stepsOf(block, ['$']);
    for (const step of steps) {
      await this.#step(terminal, step, step === steps.at(-1) ? typedOf(marks.get('typed') ?? '') : []);
    }
  }

  async #step(terminal: Screen, step: Step, typed: readonly Typed[]): Promise<void> {
    const { command, shown } = step;
    const ends = command !== '' && typed.length === 0;
    const { printed, line } = await lookUntilTrue(shown, LOOKS.test(command) ? PATIENCE_MS : 0, () =>
      ends ? terminal.run(command) : terminal.talk(step, typed),
    );
    if (TRANSCRIPT !== undefined) {
      appendFileSync(TRANSCRIPT, `$ ${command}\n${printed}${line === undefined ? '' : `\n!!! ${line}`}\n`);
    } else if (line !== undefined) {
      throw new Error(`$ ${command}\nprints\n${printed.slice(-MAX_SHOWN)}\nand not: ${line}`);
    }
  }

  async #terminal(name: string): Promise<Screen> {
    const known = this.#terminals.get(name);
    if (known) {
      return known;
    }
    const argv = [...this.#enter, 'sh', '-c', ENTER, name, ...SHELL];
    const env = Object.entries(environment()).map(([key, value]) => `${key}=${value}`);
    const screen = new Screen(await Terminal.run(this.#t, argv, { env, columns: 200 }));
    this.#terminals.set(name, screen);
    await screen.begin(`PS1=$'\\x1f$ ' PS2=; cd ${this.#directory}; ulimit -c 0`);
    return screen;
  }
}

function environment(): Record<string, string> {
  const { NODE_COMPILE_CACHE: compiled } = process.env;
  return {
    // For root: as other users they do without.
    ...(compiled === undefined ? {} : { NODE_COMPILE_CACHE: compiled }),
    PATH: `/opt/holdfast/bin:${process.env.PATH}:/usr/sbin:/sbin`,
    LANG: 'C.UTF-8',
    TERM: 'xterm',
    HOME: '/root',
  };
}

/** A terminal with a shell in it. */
class Screen {
  readonly #terminal: Terminal;
  /** Length of the output already compared with the page. */
  #seen = 0;
  #path = '';

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  async begin(command: string): Promise<void> {
    this.#terminal.type(`${command}\n`);
    await this.#prompt();
    this.#path = (await this.run('tty')).trim();
  }

  /** Runs a command to its end; returns its output. */
  async run(command: string): Promise<string> {
    await this.#type(command);
    await this.#prompt();
    return this.#look();
  }

  /** Types into a program that keeps running; returns its output once it matches the page. */
  async talk({ command, shown }: Step, typed: readonly Typed[]): Promise<string> {
    if (command !== '') {
      await this.#type(command);
    }
    let at = this.#seen;
    for (const { keys, after, echoed } of typed) {
      await this.#until(`"${after}", to type ${JSON.stringify(keys)}`, () => this.#printed.includes(after, at));
      at = this.#printed.indexOf(after, at) + after.length;
      if (keys !== '' && !echoed) {
        await this.#until('the program to switch echo off', () => this.#isSilent());
      }
      this.#terminal.type(keys);
    }
    const limit = performance.now() + PATIENCE_MS;
    let next = 0;
    // Comparing a flood takes long, so most of the time is left for receiving it.
    for (let text = ''; ; next = performance.now() + Math.min(5 * (performance.now() - next), 1000)) {
      await until('the next comparison', () => performance.now() > next);
      next = performance.now();
      text = command === '' ? this.#text.replace(/^\s+/, '') : this.#text;
      if (untrue(shown, text) === undefined || performance.now() > limit) {
        this.#seen = this.#printed.length;
        return text;
      }
    }
  }

  async #type(command: string): Promise<void> {
    await this.#prompt();
    const echo = `${command}\n`.replaceAll('\n', '\r\n');
    const echoed = this.#printed.length + Buffer.byteLength(echo);
    this.#terminal.type(`${command}\n`);
    await this.#until('the echo', () => this.#printed.length >= echoed);
    this.#seen = echoed;
  }

  /** One character for one byte. */
  get #printed(): string {
    return this.#terminal.said.text;
  }

  /** Output not yet compared with the page, without prompts and telnet negotiation. */
  get #text(): string {
    const bytes = this.#printed.slice(this.#seen).replaceAll(/\xff[\xfb-\xfe]./g, '');
    return Buffer.from(bytes, 'latin1').toString('utf8').replaceAll(PROMPT, '');
  }

  /** Whether the terminal does not echo. */
  #isSilent(): boolean {
    return /-echo\b/.test(spawnSync('stty', ['-a', '-F', this.#path], { encoding: 'utf8' }).stdout);
  }

  #look(): string {
    const text = this.#text;
    this.#seen = this.#printed.length;
    return text;
  }

  #prompt(): Promise<unknown> {
    return this.#until('the prompt', () => this.#printed.endsWith(PROMPT));
  }

  #until(what: string, look: () => boolean): Promise<unknown> {
    return until(what, look).catch((error: Error) => {
      throw new Error(`${error.message}, but: ${this.#printed.slice(-MAX_SHOWN)}`);
    });
  }
}
