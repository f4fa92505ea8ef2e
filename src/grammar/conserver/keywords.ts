/** The keywords of `console` and `default` blocks: one reader each; an empty value resets (spec/conserver.md 7.2). */
import { type ConsoleDraft, type DraftContext, mergeDraft, newDraft, SUBST_KEYS } from './draft.ts';
import type { ValueReader, Wrong } from './reader.ts';
import { CONSOLE_OPTIONS, type ConsoleOption } from './records.ts';
import { CONSOLE_SUBST, parseRunAs } from './signals.ts';
import { parseSubst } from './subst.ts';
import { parseBytes, parseSeconds, parseTimestamp } from './times.ts';
import { addUsers } from './users.ts';
import { parseList, parseNumber } from './values.ts';

type Read = ValueReader<ConsoleDraft>;
type Parsed<Value> = { readonly value: Value } | { readonly fault: string | readonly string[] };

export const TYPES = ['device', 'exec', 'host', 'noop', 'uds'];
const NO_IPMI = "`ipmi' consoles need FreeIPMI: use `type exec; exec ipmitool -I lanplus -H HOST sol activate;'";
export const BAUDS = [
  ...['50', '75', '110', '134', '150', '200', '300', '600', '1200', '1800', '2400', '4800', '9600', '19200', '38400'],
  ...['57600', '115200', '230400', '460800', '500000', '576000', '921600', '1000000', '1152000', '1500000', '2000000'],
  ...['2500000', '3000000', '3500000', '4000000'],
];
export const PARITIES = ['even', 'mark', 'none', 'odd', 'space'];

/** A reader for one key: '' removes it, anything else is parsed. */
function value<Key extends keyof ConsoleDraft>(
  key: Key,
  parse: (text: string) => Parsed<NonNullable<ConsoleDraft[Key]>>,
): [string, Read] {
  return [
    key,
    (draft, text) => {
      const parsed = text === '' ? undefined : parse(text);
      if (parsed === undefined) {
        delete draft[key];
        return undefined;
      }
      if ('fault' in parsed) {
        return parsed.fault;
      }
      draft[key] = parsed.value;
      return undefined;
    },
  ];
}

const asIs = (text: string): Parsed<string> => ({ value: text });

function oneOf(words: readonly string[], what: string): (text: string) => Parsed<string> {
  return (text) => {
    const word = text.toLowerCase();
    return words.includes(word) ? { value: word } : { fault: `\`${text}' is not a ${what} (${words.join(', ')})` };
  };
}

function number(least: number, most: number): (text: string) => Parsed<number> {
  return (text) => {
    const parsed = parseNumber(text, least, most);
    return parsed === undefined ? { fault: `\`${text}' is not between ${least} and ${most}` } : { value: parsed };
  };
}

function ids(pattern: RegExp, what: string): (text: string) => Parsed<'*' | readonly string[]> {
  return (text) => {
    const list = parseList(text);
    const wrong = list.filter((id) => id !== '*' && !pattern.test(id));
    if (wrong.length > 0) {
      return { fault: wrong.map((id) => `\`${id}' is not a ${what}`) };
    }
    return { value: list.includes('*') ? '*' : list };
  };
}

/** `*` and the empty list are values of their own here: "" means none at all. */
function idList(key: 'breaklist' | 'tasklist', pattern: RegExp, what: string): [string, Read] {
  const [, read] = value(key, ids(pattern, what));
  return [
    key,
    (draft, text, at) => {
      if (text !== '') {
        return read(draft, text, at);
      }
      draft[key] = [];
      return undefined;
    },
  ];
}

/** `aliases` is for consoles only. */
export function consoleReaders(context: DraftContext): ReadonlyMap<string, Read> {
  return new Map([...defaultReaders(context), ['aliases', readAliases]]);
}

export function defaultReaders({ groups, defaults, environment }: DraftContext): ReadonlyMap<string, Read> {
  const runAs = (text: string) => {
    const parsed = parseRunAs(text, environment);
    return 'fault' in parsed ? parsed : { value: parsed };
  };
  const portNumber = (text: string): Parsed<number> => {
    const port = /^\d/.test(text) ? parseNumber(text, 0, 65_535) : environment.servicePort(text);
    return port === undefined ? { fault: `\`${text}' is neither a port number nor a known service` } : { value: port };
  };
  return new Map<string, Read>([
    value('type', (text) => (text.toLowerCase() === 'ipmi' ? { fault: NO_IPMI } : oneOf(TYPES, 'console type')(text))),
    ...(
      ['master', 'host', 'exec', 'device', 'initcmd', 'logfile', 'motd', 'replstring', 'idlestring', 'uds'] as const
    ).map((key) => value(key, asIs)),
    value('port', portNumber),
    value('portbase', (text) => (text === '-1' ? { value: -1 } : number(0, 65_535)(text))),
    value('portinc', number(0, 65_535)),
    value('protocol', (text) =>
      text === 'telnet' || text === 'raw' ? { value: text } : { fault: `\`${text}' is neither telnet nor raw` },
    ),
    value('execrunas', runAs),
    value('initrunas', runAs),
    value('baud', oneOf(BAUDS, 'baud rate')),
    value('parity', oneOf(PARITIES, 'parity')),
    value('logfilemax', parseBytes),
    value('timestamp', parseTimestamp),
    value('break', (text) =>
      /^[1-9a-z]$/.test(text) ? { value: text } : { fault: `\`${text}' is not a break (one of 1 to 9, a to z)` },
    ),
    idList('breaklist', /^[1-9a-z]$/, 'break (one of 1 to 9, a to z)'),
    idList('tasklist', /^[0-9a-z]$/, 'task (one of 0 to 9, a to z)'),
    value('idletimeout', parseSeconds),
    value('initspinmax', number(0, 254)),
    value('initspintimer', number(0, 254)),
    ...SUBST_KEYS.map((key) =>
      value(key, (text) => {
        const rules = parseSubst(text, CONSOLE_SUBST);
        return 'fault' in rules ? rules : { value: rules };
      }),
    ),
    ['options', readOptions],
    ['rw', (draft, text) => addUsers(draft.rw, text, groups)],
    ['ro', (draft, text) => addUsers(draft.ro, text, groups)],
    [
      'include',
      (draft, name) => {
        const included = name === '' ? newDraft() : defaults.get(name);
        if (included === undefined) {
          return `no default \`${name}' stands above`;
        }
        mergeDraft(draft, included);
        return undefined;
      },
    ],
  ]);
}

function readOptions(draft: ConsoleDraft, text: string): Wrong {
  const faults: string[] = [];
  if (text === '') {
    draft.options = {};
  }
  for (const word of parseList(text)) {
    const on = !word.startsWith('!');
    const name = (on ? word : word.slice(1)).toLowerCase();
    if (CONSOLE_OPTIONS.includes(name as ConsoleOption)) {
      draft.options[name as ConsoleOption] = on;
    } else {
      faults.push(`no option \`${name}' (${CONSOLE_OPTIONS.join(', ')})`);
    }
  }
  return faults;
}

function readAliases(draft: ConsoleDraft, text: string): Wrong {
  const faults: string[] = [];
  if (text === '') {
    draft.aliases = [];
  }
  for (const alias of parseList(text)) {
    if (draft.aliases.some((other) => other.toLowerCase() === alias.toLowerCase())) {
      faults.push(`alias \`${alias}' is given twice: the second is ignored`);
    } else {
      draft.aliases.push(alias);
    }
  }
  return faults;
}
