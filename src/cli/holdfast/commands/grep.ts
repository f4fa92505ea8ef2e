import { linesOf } from '../../../client/lines.ts';
import type { ConsoleSummary } from '../../../model/api.ts';
import { HoldfastError } from '../../../model/errors.ts';
import type { MatchLines } from '../../../platform/line-matcher.ts';
import { text, whole } from '../command/arguments.ts';
import { type Command, type Context, JSON_OPTION } from '../command/command.ts';
import { EXIT } from '../command/exit-codes.ts';
import { linesTest } from '../parts/grep-pattern.ts';
import { resolve } from '../parts/select.ts';
import { clean } from '../text/display.ts';
import { type Hit, mergeByTime, type Search, search } from '../text/grep-lines.ts';
import { paint } from '../text/styles.ts';
import { parseTime } from '../text/times.ts';

/** Logs read at the same time. */
const AT_ONCE = 8;

function tester(pattern: string, values: Context['values']): MatchLines {
  const source = values.fixed ? pattern.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&') : pattern;
  return linesTest(source, values['ignore-case'] ? 'iu' : 'u');
}

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

/** A console without a log has no matches; one whose log cannot be read is named. */
async function hitsOf(context: Context, { log, name }: ConsoleSummary, how: Search): Promise<readonly Hit[]> {
  const query = how.since === undefined ? {} : { since: how.since };
  const hits: Hit[] = [];
  try {
    for await (const hit of search(name, linesOf(context.client.log(name, query)), how)) {
      hits.push(hit);
    }
  } catch (error) {
    if (!(error instanceof HoldfastError && error.code === 'HF_NO_LOG')) {
      throw error;
    }
    if (log !== undefined) {
      context.io.err(`holdfast: grep: not searched: ${clean(error.message)}\n`);
    }
  }
  return hits;
}

function hitLine(hit: Hit, named: number, color: boolean): string {
  const name = clean(hit.console).padEnd(named);
  return `${hit.gap ? '--\n' : ''}${paint(color, 'cyan', name)}${hit.context ? '- ' : ': '}${clean(hit.line)}\n`;
}

export const grep: Command = {
  name: 'grep',
  usage: 'PATTERN',
  summary: 'search all logs, rotated and compressed ones too, merged by time',
  help: `PATTERN is a regular expression as in JavaScript; one that takes more than 5 s for some lines ends the search (exit code 64). Lines are merged by the time at their beginning; a line without one
has the time of the line before it. Exit code 0: something was found; 1: nothing.`,
  options: [
    { name: 'console', short: 'c', value: 'NAME', help: 'only this console, or those that match a pattern' },
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
    const how: Search = {
      test: tester(words[0] as string, values),
      before: whole(values, 'before') ?? around,
      after: whole(values, 'after') ?? around,
      ...(since === undefined ? {} : { since }),
      ...(until === undefined ? {} : { until }),
    };
    const consoles = await chosen(context);
    const found: (readonly Hit[])[] = consoles.map(() => []);
    let next = 0;
    const worker = async () => {
      for (let at = next++; at < consoles.length; at = next++) {
        found[at] = await hitsOf(context, consoles[at] as ConsoleSummary, how);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    const hits = mergeByTime(found);
    const named = Math.max(0, ...hits.map((hit) => clean(hit.console).length));
    for (const hit of hits) {
      const time = Number.isFinite(hit.time) ? new Date(hit.time).toISOString() : null;
      io.out(
        values.json
          ? `${JSON.stringify({ console: hit.console, time, line: hit.line, context: hit.context })}\n`
          : hitLine(hit, named, io.color),
      );
    }
    return hits.some((hit) => !hit.context) ? EXIT.ok : EXIT.failed;
  },
};
