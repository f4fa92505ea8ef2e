/** `[access]` -> who may do what, or what is wrong with it. Pure. */
import type { AccessConfig, AccessRule, Hours, Who } from '../../model/access-config.ts';
import type { AccessTable, LimitTable, RuleTable } from '../../model/access-schema.ts';
import type { ConfigProblem } from '../../model/config.ts';
import { Suggestions } from '../../model/nearest-word.ts';
import { withIncluded } from '../../model/rights.ts';
import { isNetwork } from '../text/addresses.ts';
import type { ConfigTables, PlacedTable } from './tables.ts';

/** The names that rules can use. */
export interface Nameable {
  readonly names: ReadonlySet<string>;
  readonly groups: ReadonlySet<string>;
  /** There may be more. */
  readonly incomplete: boolean;
}

export interface Told {
  readonly problems: ConfigProblem[];
  /** A console may go before the rule that names it: that is no reason to refuse the rest. */
  readonly warnings: ConfigProblem[];
}

const EVERYTHING = ['*'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const MINUTES_PER_HOUR = 60;
const MINUTES_PER_DAY = 24 * MINUTES_PER_HOUR;

/** Undefined: there is no `[access]`. */
export function accessConfig({ access }: ConfigTables, known: Nameable, told: Told): AccessConfig | undefined {
  if (access.length === 0) {
    return undefined;
  }
  const contact = access.find(({ table }) => table.contact !== undefined)?.table.contact;
  return {
    rules: access.flatMap((placed) => rulesOf(placed, 'rule', known, told)),
    limits: access.flatMap((placed) => rulesOf(placed, 'limit', known, told)),
    ...(contact === undefined ? {} : { contact }),
  };
}

function rulesOf(
  placed: PlacedTable<AccessTable>,
  kind: 'rule' | 'limit',
  known: Nameable,
  { problems, warnings }: Told,
): AccessRule[] {
  const names = new Suggestions(() => known.names);
  const groups = new Suggestions(() => known.groups);
  return (placed.table[kind] ?? []).map((table, index) => {
    const on = table.on ?? EVERYTHING;
    on.forEach((pattern, at) => {
      if (isUnknown(pattern, known)) {
        const what = pattern.startsWith('@')
          ? `no console has the group '${pattern.slice(1)}'${groups.didYouMean(pattern.slice(1))}`
          : `no console is named '${pattern}'${names.didYouMean(pattern)}`;
        warnings.push(placed.problem([kind, index, 'on', at], what));
      }
    });
    table.who.forEach((text, at) => {
      if (text.startsWith('from:') && !isNetwork(text.slice('from:'.length))) {
        problems.push(
          placed.problem([kind, index, 'who', at], `'${text}': expected from:ADDRESS or from:ADDRESS/BITS`),
        );
      }
    });
    return ruleOf(table, { file: placed.file, line: placed.line([kind, index]) });
  });
}

function ruleOf(table: RuleTable | LimitTable, place: AccessRule['place']): AccessRule {
  const { hours, label, may, on = EVERYTHING, who } = table;
  const reason = 'reason' in table ? table.reason : undefined;
  return {
    ...{ place, who: who.map(whoOf), on, may: withIncluded(may) },
    ...(reason === undefined ? {} : { reason }),
    ...(hours === undefined ? {} : { hours: hoursOf(hours) }),
    ...(label === undefined ? {} : { label }),
  };
}

function whoOf(text: string): Who {
  const [, kind, name = ''] = /^(channel|from):(.*)$/.exec(text) ?? [];
  if (text === 'everyone') {
    return { kind: 'everyone' };
  }
  if (kind === 'channel') {
    return { kind, name };
  }
  if (kind === 'from') {
    return { kind, network: name };
  }
  return text.startsWith('@') ? { kind: 'group', name: text.slice(1) } : { kind: 'user', name: text };
}

function hoursOf(text: string): Hours {
  const [, days, from, to] = /^([a-z,-]+)? ?(?:(\d\d:\d\d)-(\d\d:\d\d))?$/.exec(text) ?? [];
  return {
    days: days === undefined ? DAYS.map((_, index) => index) : days.split(',').flatMap(daysOf),
    from: from === undefined ? 0 : minutesOf(from),
    to: to === undefined ? MINUTES_PER_DAY : minutesOf(to),
  };
}

/** `fri-mon` is four days. */
function daysOf(text: string): number[] {
  const [first = '', last = first] = text.split('-');
  const start = DAYS.indexOf(first);
  const length = ((DAYS.indexOf(last) - start + DAYS.length) % DAYS.length) + 1;
  return Array.from({ length }, (_, index) => (start + index) % DAYS.length);
}

function minutesOf(text: string): number {
  const [hours, minutes] = text.split(':').map(Number);
  return (hours as number) * MINUTES_PER_HOUR + (minutes as number);
}

/** Patterns may match what comes later. */
function isUnknown(pattern: string, { names, groups, incomplete }: Nameable): boolean {
  if (incomplete || /[*?]/.test(pattern)) {
    return false;
  }
  return pattern.startsWith('@') ? !groups.has(pattern.slice(1)) : !names.has(pattern);
}
