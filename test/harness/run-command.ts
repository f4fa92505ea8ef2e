/** A command of `holdfast` in this process, at a host in memory: exit code and output as a script sees them. */
import assert from 'node:assert/strict';
import type { ConfigTools, Hooks, Hosts, Io } from '../../src/cli/holdfast/command/command.ts';
import { COMMANDS } from '../../src/cli/holdfast/commands.ts';
import { run } from '../../src/cli/holdfast/run.ts';
import { lines as OTHER_LINES } from '../../src/main/holdfast-programs.late.ts';
import type { HostClient } from '../../src/model/host-port.ts';
import { type Clock, systemClock } from '../../src/platform/time/clock.ts';

export interface Result {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface Site {
  readonly client: HostClient;
  /** Path of the control socket. */
  readonly socket?: string;
  /** To a control socket [the client]. */
  readonly connect?: (socket: string) => HostClient;
  /** For waiting [that of the system]. */
  readonly clock?: Clock;
  /** How a person answers questions; absent: there is nobody to ask. */
  readonly answer?: boolean;
  /** The user's answer to a prompt for text. */
  readonly words?: string;
  /** Output is one, of this size. */
  readonly terminal?: { readonly columns: number; readonly rows: number };
  /** A password or token that is asked for. */
  readonly secret?: string;
  readonly hosts?: Hosts;
  /** The handler of the words after `export`. */
  readonly export?: Hooks['export'];
  /** Absent: the command reads no configuration. */
  readonly files?: ConfigTools;
  readonly env?: Readonly<Record<string, string>>;
  /** Ctrl-C. */
  readonly interrupted?: AbortSignal;
  /** Called with each piece of output. */
  readonly shown?: (text: string) => void;
}

/** As if nothing could be read. */
const NO_FILES: ConfigTools = {
  load: async () => ({ problems: [], warnings: [], digest: '', folders: [] }),
  sample: async () => assert.fail('no file is written'),
  write: () => assert.fail('no file is written'),
};

async function noHook(): Promise<never> {
  assert.fail('this command is for another bundle');
}

/** `asked`: the questions on the terminal. */
export async function runCommand(site: Site, ...words: string[]): Promise<Result & { readonly asked: string[] }> {
  const { client, clock = systemClock, answer, interrupted = new AbortController().signal, shown, terminal } = site;
  const { socket = '/run/holdfast/control' } = site;
  const said = { out: '', err: '' };
  const asked: string[] = [];
  const io: Io = {
    out: (text) => {
      said.out += typeof text === 'string' ? text : Buffer.from(text).toString('latin1');
      shown?.(said.out);
    },
    err: (text) => {
      said.err += text;
    },
    progress: () => undefined,
    columns: terminal?.columns ?? Number.POSITIVE_INFINITY,
    rows: terminal?.rows ?? Number.POSITIVE_INFINITY,
    terminal: terminal !== undefined || answer !== undefined,
    interactive: answer !== undefined,
    ask: async (question) => {
      asked.push(question);
      return site.words ?? '';
    },
    color: false,
    env: site.env ?? {},
    now: () => Date.now(),
    secret: async () => site.secret,
    confirm: async (question) => {
      asked.push(question);
      return answer === true;
    },
    interrupted: () => interrupted,
  };
  const code = await run(words, {
    commands: COMMANDS,
    io,
    clock,
    hooks: {
      up: noHook,
      top: noHook,
      import: noHook,
      export: site.export ?? noHook,
      lines: async () => OTHER_LINES,
      files: () => site.files ?? NO_FILES,
    },
    version: '0.1.0',
    docs: '/opt/holdfast/docs',
    socket,
    hosts: async () => site.hosts ?? assert.fail('no host is named'),
    connect: site.connect ?? (() => client),
  });
  return { code, ...said, asked };
}
