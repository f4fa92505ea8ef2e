/** Blocks `break` and `task` (spec/conserver.md 7.2). */
import type { ValueReader } from './reader.ts';
import type { BreakRecord, ConserverEnvironment, RunAs, TaskRecord } from './records.ts';
import { parseSubst, type SubstVocabulary } from './subst.ts';
import { parseBoolean, parseNumber } from './values.ts';

/** c console, h host, r replstring, b baud; p port as given, P the final one. */
export const CONSOLE_SUBST: SubstVocabulary = { texts: 'chrb', numbers: 'pP' };

const DEFAULT_DELAY = 250;

/** The breaks that exist without being configured. */
export const PREDEFINED_BREAKS: readonly (readonly [string, BreakRecord])[] = [
  ['1', { string: '\\z', delay: DEFAULT_DELAY, confirm: false }],
  ['2', { string: '\\r~^b', delay: DEFAULT_DELAY, confirm: false }],
  ['3', { string: '#.', delay: DEFAULT_DELAY, confirm: false }],
  ['4', { string: '\\r\\d~\\d^b', delay: 600, confirm: false }],
];

export type Draft<Record> = { -readonly [Key in keyof Record]: Record[Key] };

export function newBreak(): Draft<BreakRecord> {
  return { string: '', delay: DEFAULT_DELAY, confirm: false };
}

export const BREAK_READERS: ReadonlyMap<string, ValueReader<Draft<BreakRecord>>> = new Map<
  string,
  ValueReader<Draft<BreakRecord>>
>([
  [
    'string',
    (draft, value) => {
      draft.string = value;
      return undefined;
    },
  ],
  [
    'delay',
    (draft, value) => {
      const delay = value === '' ? DEFAULT_DELAY : parseNumber(value, 0, 999);
      if (delay === undefined) {
        return `\`${value}' is not between 0 and 999 milliseconds`;
      }
      draft.delay = delay;
      return undefined;
    },
  ],
  ['confirm', readConfirm],
]);

export function taskReaders(environment: ConserverEnvironment): ReadonlyMap<string, ValueReader<Draft<TaskRecord>>> {
  return new Map<string, ValueReader<Draft<TaskRecord>>>([
    [
      'cmd',
      (draft, value) => {
        draft.cmd = value;
        return undefined;
      },
    ],
    [
      'description',
      (draft, value) => {
        draft.description = value;
        return undefined;
      },
    ],
    ['confirm', readConfirm],
    [
      'runas',
      (draft, value) => {
        const runas = parseRunAs(value, environment);
        if ('fault' in runas) {
          return runas.fault;
        }
        draft.runas = runas;
        return undefined;
      },
    ],
    [
      'subst',
      (draft, value) => {
        const rules = parseSubst(value, CONSOLE_SUBST);
        if ('fault' in rules) {
          return rules.fault;
        }
        draft.subst = value;
        return undefined;
      },
    ],
  ]);
}

function readConfirm(draft: { confirm: boolean }, value: string): string | undefined {
  const confirm = parseBoolean(value);
  if (confirm === undefined) {
    return `\`${value}' is neither yes nor no`;
  }
  draft.confirm = confirm;
  return undefined;
}

/** `[user][:group]`, by name or number, of this machine. */
export function parseRunAs(value: string, environment: ConserverEnvironment): RunAs | { readonly fault: string } {
  const [user = '', group = ''] = value.split(':', 2);
  if (user !== '' && !/^\d+$/.test(user) && !environment.hasUser(user)) {
    return { fault: `no user \`${user}' on this machine` };
  }
  if (group !== '' && !/^\d+$/.test(group) && !environment.hasGroup(group)) {
    return { fault: `no group \`${group}' on this machine` };
  }
  return { ...(user !== '' && { user }), ...(group !== '' && { group }) };
}
