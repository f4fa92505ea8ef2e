/** The columns of `holdfast ps`: for each its name, what it shows of a console, and how it sorts. */
import type { Use } from '../../../client/uses.ts';
import type { ConsoleSummary } from '../../../model/api.ts';
import { byName, byUrgency, conditionOf, sinceOf } from '../../../model/condition.ts';
import { userText } from '../../../model/principal.ts';
import { memoryText } from '../../../model/size-text.ts';
import type { Io } from '../command/command.ts';
import { UsageError } from '../command/exit-codes.ts';
import { clean } from './display.ts';
import { troubleText, waitText } from './fields.ts';
import { type Style, stateStyle } from './styles.ts';
import { type Cell, type Column, layOut } from './table.ts';
import { duration, untilText } from './times.ts';

/** Information beyond the consoles themselves. */
export interface Beside {
  readonly host: string;
  readonly uses: ReadonlyMap<string, Use>;
}

type View = Pick<Io, 'now'>;

interface ConsoleColumn extends Column {
  readonly help: string;
  /** It takes what the processes use, which is asked for only then. */
  readonly uses?: true;
  show(console: ConsoleSummary, beside: Beside, view: View): Cell;
  /** Smaller comes first. Absent: by the text. */
  readonly rank?: (console: ConsoleSummary, beside: Beside) => number;
}

/** What has none comes last. */
const NONE = 1;
const largest = (value: number | undefined): number => (value === undefined ? NONE : -value);
const styled = (text: string, style: Style | undefined): Cell => (style === undefined ? { text } : { text, style });

const MUCH_PERCENT = 90;

export const CONSOLE_COLUMNS = {
  name: { title: 'NAME', least: 12, help: 'its name', show: ({ name }) => ({ text: clean(name) }) },
  state: {
    title: 'STATE',
    help: 'its state; or flapping, of one that was restarted by its policy in the last 10 minutes; or dark, of a link',
    show: (console) => ({ text: conditionOf(console), style: stateStyle(conditionOf(console)) }),
  },
  since: {
    title: 'SINCE',
    help: 'how long it has been so',
    show: (console, _, { now }) => ({ text: duration(now() - sinceOf(console)) }),
    rank: (console) => -sinceOf(console),
  },
  restarts: {
    title: 'RESTARTS',
    help: 'its automatic restarts of the last hour (3/h), then all of them',
    show({ restarts: { hour, total } }) {
      // The last hour is what matters at 3 a.m.; the total shows whether it is a habit.
      return styled(hour > 0 ? `${hour}/h ${total}` : String(total), hour > 0 ? 'yellow' : undefined);
    },
    rank: ({ restarts: { hour, total } }) => -hour * 1e6 - total,
  },
  writer: {
    title: 'WRITER',
    least: 6,
    help: 'who has the keyboard',
    show: ({ writer }) => ({ text: clean(writer ? userText(writer) : '-') }),
  },
  pid: {
    title: 'PID',
    help: 'of its process',
    show: ({ pid }) => ({ text: pid === undefined ? '-' : String(pid) }),
    rank: ({ pid }) => pid ?? Number.POSITIVE_INFINITY,
  },
  cpu: {
    title: 'CPU%',
    help: 'of one processor, used by all its processes within the last second',
    uses: true,
    show({ name }, { uses }) {
      const percent = uses.get(name)?.cpuPercent;
      return styled(
        percent === undefined ? '-' : percent.toFixed(1),
        percent !== undefined && percent > MUCH_PERCENT ? 'yellow' : undefined,
      );
    },
    rank: ({ name }, { uses }) => largest(uses.get(name)?.cpuPercent),
  },
  cputime: {
    title: 'CPUTIME',
    help: 'used by all its processes since their start',
    uses: true,
    show({ name }, { uses }) {
      const seconds = uses.get(name)?.cpuSeconds;
      return { text: seconds === undefined ? '-' : seconds < 60 ? `${seconds.toFixed(1)}s` : duration(seconds * 1000) };
    },
    rank: ({ name }, { uses }) => largest(uses.get(name)?.cpuSeconds),
  },
  memory: {
    title: 'MEMORY',
    help: 'of all its processes',
    uses: true,
    show({ name }, { uses }) {
      const bytes = uses.get(name)?.memoryBytes;
      return { text: bytes === undefined ? '-' : memoryText(bytes) };
    },
    rank: ({ name }, { uses }) => largest(uses.get(name)?.memoryBytes),
  },
  procs: {
    title: 'PROCS',
    help: 'how many processes it has',
    uses: true,
    show: ({ name }, { uses }) => ({ text: String(uses.get(name)?.processes ?? '-') }),
    rank: ({ name }, { uses }) => largest(uses.get(name)?.processes),
  },
  group: {
    title: 'GROUP',
    least: 6,
    help: 'its groups',
    show: ({ groups }) => ({ text: groups.map(clean).join(',') || '-' }),
  },
  labels: {
    title: 'LABELS',
    least: 6,
    help: 'its labels',
    show({ labels }) {
      const pairs = Object.entries(labels).map(([key, value]) => `${clean(key)}=${clean(value)}`);
      return { text: pairs.join(',') || '-' };
    },
  },
  host: { title: 'HOST', least: 6, help: 'the machine that it is on', show: (_, { host }) => ({ text: clean(host) }) },
  user: {
    title: 'USER',
    least: 6,
    help: 'the user that its configuration names',
    show: ({ user }) => ({ text: user === undefined ? '-' : clean(user) }),
  },
  kind: {
    title: 'KIND',
    help: 'what it is: run, or a link by unix, tcp, telnet, serial',
    show: ({ kind }) => ({ text: kind }),
  },
  sessions: {
    title: 'SESSIONS',
    help: 'how many are on it',
    show: ({ sessions }) => ({ text: String(sessions) }),
    rank: ({ sessions }) => -sessions,
  },
  about: {
    title: 'ABOUT',
    least: 6,
    help: 'its description',
    show: ({ description }) => ({ text: clean(description) || '-' }),
  },
  last: {
    title: 'LAST LINE',
    least: 9,
    help: 'why it is not up, or not logged; otherwise its last line',
    show: lastColumn,
  },
} as const satisfies Readonly<Record<string, ConsoleColumn>>;

export type ColumnName = keyof typeof CONSOLE_COLUMNS;

const USUAL: readonly ColumnName[] = ['name', 'state', 'since', 'restarts', 'writer', 'last'];
const COLUMN_OF: Readonly<Record<ColumnName, ConsoleColumn>> = CONSOLE_COLUMNS;

/** Names with commas between them; one that begins with `+` adds them to the usual ones. */
export function parseColumns(text: string | undefined): readonly ColumnName[] {
  if (text === undefined) {
    return USUAL;
  }
  const adds = text.startsWith('+');
  const named = (adds ? text.slice(1) : text).split(',').map((word) => columnNamed(word.trim(), '--columns'));
  const more = named.filter((name) => !USUAL.includes(name));
  // The last column takes the room that is left.
  return adds ? [...USUAL.slice(0, -1), ...new Set(more), 'last'] : [...new Set(named)];
}

/** Throws UsageError. */
export function columnNamed(word: string, option: string): ColumnName {
  const name = word.toLowerCase();
  if (!Object.hasOwn(CONSOLE_COLUMNS, name)) {
    throw new UsageError(
      `${option}: there is no column '${clean(word)}', but ${Object.keys(CONSOLE_COLUMNS).join(', ')}`,
    );
  }
  return name as ColumnName;
}

/** Whether these columns take what processes use. */
export function needUses(names: readonly ColumnName[]): boolean {
  return names.some((name) => COLUMN_OF[name].uses);
}

export interface Order {
  /** Absent: trouble first. */
  readonly by?: ColumnName;
  readonly reverse: boolean;
}

export function inOrder(
  consoles: readonly ConsoleSummary[],
  { by, reverse }: Order,
  beside: Beside,
  view: View,
): readonly ConsoleSummary[] {
  const compare = by === undefined || by === 'state' ? byUrgency : by === 'name' ? byName : byColumn(by, beside, view);
  const sorted = [...consoles].sort(compare);
  return reverse ? sorted.reverse() : sorted;
}

function byColumn(by: ColumnName, beside: Beside, view: View): (a: ConsoleSummary, b: ConsoleSummary) => number {
  const { rank, show } = COLUMN_OF[by];
  if (rank) {
    return (a, b) => Math.sign(rank(a, beside) - rank(b, beside)) || byName(a, b);
  }
  const key = (console: ConsoleSummary) => show(console, beside, view).text;
  // What has none comes last.
  const none = (text: string) => (text === '-' || text === '' ? 1 : 0);
  return (a, b) => {
    const [one, other] = [key(a), key(b)];
    return none(one) - none(other) || byName({ name: one }, { name: other }) || byName(a, b);
  };
}

/** The lines of the table. */
export function consoleTable(
  consoles: readonly ConsoleSummary[],
  names: readonly ColumnName[],
  beside: Beside,
  io: Pick<Io, 'columns' | 'color' | 'now'>,
): readonly string[] {
  const head = names.map((name) => COLUMN_OF[name]);
  const rows = consoles.map((console) => head.map((column) => column.show(console, beside, io)));
  return layOut(head, rows, io.columns, io.color);
}

/** Why it is not up, if known, or why it has no log; otherwise its last line. */
function lastColumn(console: ConsoleSummary, _: Beside, view: View): Cell {
  const { hold, lastLine, logTrouble } = console;
  const condition = conditionOf(console);
  const style = stateStyle(condition);
  const wait = waitText(console, view);
  if (hold) {
    const until = hold.until === undefined ? '' : ` until ${untilText(hold.until, view.now())}`;
    return { text: `held by ${clean(hold.by)}${until}: ${clean(hold.reason)}`, style };
  }
  if (wait) {
    return { text: `waits for ${wait}`, style };
  }
  const trouble = troubleText(console, view);
  if (trouble !== undefined) {
    return { text: trouble, style };
  }
  return logTrouble === undefined
    ? { text: clean(lastLine) }
    : { text: `not logged: ${clean(logTrouble.text)}`, style: 'yellow' };
}
