import type { ConsoleSummary, SearchItem } from '../../../model/api.ts';
import type { SearchRequest } from '../../../model/host-port.ts';
import { text, whole } from '../command/arguments.ts';
import { type Command, type Context, type Io, JSON_OPTION } from '../command/command.ts';
import { EXIT, UsageError } from '../command/exit-codes.ts';
import { mustBePattern, searchLogs } from '../parts/search-logs.ts';
import { resolve } from '../parts/select.ts';
import { clean } from '../text/display.ts';
import { paint } from '../text/styles.ts';
import { parseTime } from '../text/times.ts';

async function chosen({ client, values }: Context): Promise<readonly ConsoleSummary[]> {
  const group = text(values, 'group');
  const all = await client.list(group === undefined ? {} : { group });
  const word = text(values, 'console');
  if (word === undefined) {
    return all;
  }
  const found = resolve(
    word,
    all.map(({ name }) => name),
  );
  return all.filter(({ name }) => found.includes(name));
}

/** Characters. */
const GATHERED = 65_536;

type FoundLine = Extract<SearchItem, { kind: 'line' }>;

function shown(hit: FoundLine, named: number, { color }: Io, json: boolean): string {
  const { console, context, gap, line, time } = hit;
  if (json) {
    return `${JSON.stringify({ console, time, line, context })}\n`;
  }
  return `${gap ? '--\n' : ''}${paint(color, 'cyan', clean(console).padEnd(named))}${context ? '- ' : ': '}${clean(line)}\n`;
}

export const grep: Command = {
  name: 'grep',
  usage: 'PATTERN',
  summary: 'search all logs, rotated and compressed ones too, merged by time',
  help: `PATTERN is a regular expression as in JavaScript; one that takes more than 5 s for a part of a log ends the search (exit code 64).
Lines are merged by the time at their beginning; a line without one has the time of the last line with one, at most 16 KiB before it.
Logs that this user may read are read by this command, others by the server. Of the consoles of --console and --group, those whose logs may
not be read are named and left out; without these options all that may be read are searched. Exit code 0: something was found; 1: nothing.`,
  options: [
    {
      name: 'console',
      short: 'c',
      value: 'NAME',
      words: 'console',
      help: 'only this console, or those that match a pattern',
    },
    { name: 'group', short: 'g', value: 'GROUP', help: 'only the consoles of this group' },
    { name: 'since', value: 'TIME', help: 'from there on: 2h (ago), 03:15, 2026-11-21' },
    { name: 'until', value: 'TIME', help: 'up to there' },
    { name: 'ignore-case', short: 'i', help: 'ignore the case of letters' },
    { name: 'fixed', short: 'F', help: 'PATTERN is plain text' },
    { name: 'after', short: 'A', value: 'N', help: 'N lines after each hit' },
    { name: 'before', short: 'B', value: 'N', help: 'N lines before each hit' },
    { name: 'context', short: 'C', value: 'N', help: 'N lines around each hit' },
    JSON_OPTION,
  ],
  completes: 'nothing',
  operands: [1, 1],
  async run(context) {
    const { io, values, words } = context;
    const time = (option: string) => {
      const value = text(values, option);
      return value === undefined ? undefined : parseTime(value, io.now(), `--${option}`);
    };
    const around = whole(values, 'context') ?? 0;
    const [since, until] = [time('since'), time('until')];
    const pattern = {
      pattern: words[0] as string,
      fixed: values.fixed === true,
      ignoreCase: values['ignore-case'] === true,
    };
    mustBePattern(pattern);
    const consoles = await chosen(context);
    const some = values.console !== undefined || values.group !== undefined;
    const request: SearchRequest = {
      ...pattern,
      before: whole(values, 'before') ?? around,
      after: whole(values, 'after') ?? around,
      ...(since === undefined ? {} : { since }),
      ...(until === undefined ? {} : { until }),
      ...(some ? { consoles: consoles.map(({ name }) => name) } : {}),
    };
    const named = Math.max(0, ...consoles.map(({ name }) => clean(name).length));
    let found = false;
    const output = new Gathered(io);
    try {
      for await (const item of searchLogs(context, consoles, request)) {
        switch (item.kind) {
          case 'line':
            found ||= !item.context;
            output.add(shown(item, named, io, values.json === true));
            break;
          case 'unsearched':
            io.progress('');
            io.err(`holdfast: grep: not searched: ${clean(item.reason)}\n`);
            break;
          case 'progress':
            io.progress(`searched ${megabytes(item.done)} of ${megabytes(item.all)} MB`);
            break;
          case 'failed':
            throw new UsageError(`grep: ${item.reason}`);
        }
      }
    } finally {
      output.flush();
      io.progress('');
    }
    return found ? EXIT.ok : EXIT.failed;
  },
};

function megabytes(bytes: number): number {
  return Math.round(bytes / 1_000_000);
}

/** Lines that are found in one go are written in one go. */
class Gathered {
  readonly #io: Io;
  #text = '';
  #soon: NodeJS.Immediate | undefined;

  constructor(io: Io) {
    this.#io = io;
  }

  add(line: string): void {
    this.#text += line;
    if (this.#text.length >= GATHERED) {
      this.flush();
    }
    this.#soon ??= setImmediate(() => this.flush());
  }

  flush(): void {
    clearImmediate(this.#soon);
    this.#soon = undefined;
    if (this.#text !== '') {
      this.#io.progress('');
      this.#io.out(this.#text);
      this.#text = '';
    }
  }
}
