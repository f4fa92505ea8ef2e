/** Keys of a console that people and programs meet when they come to it. */
import * as Type from 'typebox';
import { closed, Texts } from '../config-forms.ts';
import { type ConsoleEndpoint, notationOf } from '../endpoint.ts';
import { endpointMessage, isEndpoint, parseEndpoint } from '../endpoint-notation.ts';
import { fillIn } from '../fill-in.ts';
import { keyName, parseKeys } from '../key-spec.ts';
import { RIGHT_NAMES } from '../rights.ts';
import { ANY_NAME, TableOf } from '../table-of.ts';
import { consoleKey, Defaulted } from './record.ts';

const Optional = Type.Optional;

const LOOPBACK = '127.0.0.1';

const Endpoint = Type.Union(
  [
    Type.String(),
    Type.Object(
      {
        at: Type.String({ description: 'Where it is.' }),
        may: Type.Array(Type.Enum([...RIGHT_NAMES]), {
          description: 'The most that anybody may do who comes in there; each right brings those that it includes.',
        }),
      },
      closed,
    ),
  ],
  { title: 'a text or a table (at, may)' },
);

const Keys = Type.Object(
  {
    kill: Defaulted(
      Type.String({
        description: 'Kills the process, or starts it if it is down. Empty: no such key.',
        default: '^X',
        examples: ['^K'],
      }),
    ),
    toggle: Defaulted(
      Type.String({
        description: 'Switches the automatic restart off and on. Empty: no such key.',
        default: '^T',
        examples: ['^R'],
      }),
    ),
    logout: Defaulted(
      Type.String({
        description: 'Closes the connection it comes from. Empty: no such key.',
        default: '',
        examples: ['^Q'],
      }),
    ),
  },
  {
    ...closed,
    description:
      'Keys of the procServ endpoints, each as `^X` or a character. Two more work when the process is down: `^R` starts it, `^Q` leaves it stopped. As `logout`, `^Q` only closes the connection.',
  },
);

export const SESSION_KEYS = {
  history: consoleKey({
    layers: 'nearest',
    change: 'live',
    sets: 'procserv',
    schema: Defaulted(
      Type.Integer({
        minimum: 0,
        description:
          'Lines of earlier output that the endpoints send on connect. `holdfast attach` and `console` show as many as they ask for, regardless of this.',
        default: 0,
        examples: [200],
      }),
    ),
    value: (lines) => lines,
  }),
  ignore: consoleKey({
    layers: 'nearest',
    change: 'live',
    sets: 'input',
    schema: Defaulted(
      Type.String({
        description: 'Keys that never reach the source: `^C` for control codes, other characters as they are.',
        default: '',
        examples: ['^C^D'],
      }),
    ),
    value: (keys) => keys,
  }),
  keys: consoleKey({
    layers: 'merged',
    change: 'live',
    sets: 'procserv',
    schema: Optional(Keys),
    check: (keys, tell) => {
      for (const [name, key] of Object.entries(keys)) {
        const several = [...parseKeys(key)];
        if (several.length > 1) {
          const names = several.map(keyName).join(' and ');
          tell([name], `'${key}' is more than one key (${names}); write one, such as ^X, or "" for none`);
        }
      }
    },
    value: ({ kill, toggle, logout }) => ({ kill, toggle, logout }),
  }),
  endpoints: consoleKey({
    layers: 'nearest',
    change: 'live',
    sets: 'endpoints',
    unordered: true,
    schema: Defaulted(
      Type.Array(Endpoint, {
        description:
          'Where telnet, socat and other clients of procServ reach this console: `PORT` (on loopback), `ADDRESS:PORT`, `unix:PATH`, `unix:USER:GROUP:MODE:PATH`. As a table, `may` names the most that anybody may do there, whatever `[access]` gives ([rights](#accessrule)); keys and typing that are refused are answered with the reason. A relative path is below `server.runtime_dir`. An endpoint that another program uses is opened as soon as it is free; until then `reload`, `status` and `doctor` name it. Each accepts 500 connections.',
        default: [],
        examples: [['20001', 'unix:{name}.sock'], [{ at: '0.0.0.0:20001', may: ['read'] }]],
      }),
    ),
    check: (specs, tell) => {
      for (const [index, endpoint] of specs.entries()) {
        const spec = notationOf(endpoint);
        const parsed = parseEndpoint(fillIn(spec, 'name'), LOOPBACK);
        if (!isEndpoint(parsed)) {
          tell([index], endpointMessage(spec, parsed));
        }
      }
    },
    /** Parsed before the name is filled in, since a name may have colons in it. */
    value: (specs, at): readonly ConsoleEndpoint[] =>
      specs.map((endpoint, index) => {
        const spec = notationOf(endpoint);
        const parsed = parseEndpoint(spec, LOOPBACK);
        if (!isEndpoint(parsed) || parsed.kind === 'tcp') {
          return endpoint;
        }
        const path = at.path('runtimeDir', parsed.path);
        const head = at.fill(spec.slice(0, spec.length - parsed.path.length));
        const whole = `${head === 'unix:' && path.includes(':') ? 'unix::::' : head}${path}`;
        const again = parseEndpoint(whole, LOOPBACK);
        if (!isEndpoint(again)) {
          const hint = again.reason === 'long-path' ? '; shorten server.runtime_dir or the name' : '';
          at.tell([index], `${endpointMessage(whole, again)}${hint}`);
        }
        return typeof endpoint === 'string' ? whole : { ...endpoint, at: whole };
      }),
  }),
  groups: consoleKey({
    layers: 'nearest',
    change: 'live',
    sets: 'labels',
    unordered: true,
    schema: Defaulted(Texts({ description: 'Groups to select by.', default: [], examples: [['vacuum', 'sector-3']] })),
    value: (names): readonly string[] => [...new Set(names)],
  }),
  description: consoleKey({
    layers: 'nearest',
    change: 'live',
    sets: 'labels',
    schema: Defaulted(
      Type.String({ description: 'One line for people.', default: '', examples: ['Vacuum gauges of sector 3'] }),
    ),
    value: (text) => text,
  }),
  labels: consoleKey({
    layers: 'merged',
    change: 'live',
    sets: 'labels',
    schema: Defaulted(
      TableOf(ANY_NAME, Type.String(), {
        title: 'a table of texts',
        description: 'Anything else worth knowing. Tables of the layers are merged, the nearer value wins.',
        default: {},
        examples: [{ rack: 'R17', phone: '4711' }],
      }),
    ),
    value: (labels): Readonly<Record<string, string>> => ({ ...labels }),
  }),
};
