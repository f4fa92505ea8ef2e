// The walls between the rooms of src/, as data: ARCHITECTURE.md renders this table (`npm run generate`), rooms.test.ts enforces it.

export interface Room {
  /** Its contents, for ARCHITECTURE.md. */
  readonly what: string;
  /** Rooms that this one may import, besides itself. */
  readonly may: readonly string[];
  /** No `node:*`, no global of a runtime (also held by tsconfig.pure.json), and no package but these, which are pure too. */
  readonly pure?: readonly string[];
}

const GRAMMAR = ['grammar/text', 'grammar/conserver', 'grammar/isis', 'grammar/holdfast'];
const PLATFORM = ['platform/time', 'platform', 'platform/files', 'platform/net', 'platform/process'];
const RIM = ['model', ...PLATFORM];
const WAYS_IN = ['codec', ...GRAMMAR, ...RIM, 'access'];
const CONSERVER_SESSIONS = ['listeners/conserver/model', 'listeners/conserver/session'];
const CONSERVER = [...CONSERVER_SESSIONS, 'listeners/conserver/wire', 'listeners/conserver'];
/** Rooms that a command line may use: neither consoles nor their services. */
const COMMAND_LINE = ['codec', ...GRAMMAR, ...RIM, 'access', 'audit', 'config', 'logs', 'client', 'isis', 'systemd'];
const HOLDFAST = ['command', 'text', 'attach', 'parts', 'commands'].map((part) => `cli/holdfast/${part}`);

const PARTS: Readonly<Record<string, Room>> = {
  codec: { what: 'bytes to events and back', may: [], pure: [] },
  model: { what: 'nouns as data, the output ring and its readers, the ports', may: [], pure: ['typebox'] },
  'grammar/text': {
    what: 'command lines, ini, TOML, patterns',
    may: ['model'],
    pure: ['typebox', 'typebox/value', 'typebox/compile'],
  },
  'grammar/conserver': { what: 'conserver.cf, console.cf', may: ['model', 'grammar/text'], pure: [] },
  'grammar/isis': { what: 'isis.ini, scripts', may: ['model', 'grammar/text'], pure: [] },
  'grammar/holdfast': { what: 'holdfast.toml', may: ['model', ...GRAMMAR.slice(0, 3)], pure: ['smol-toml'] },
  'platform/time': { what: 'the clock and what paces', may: ['model'] },
  platform: { what: 'the addon, questions asked aside', may: ['model', 'platform/time'] },
  'platform/files': { what: 'files, disks that may hang', may: ['model', ...PLATFORM.slice(0, 2)] },
  'platform/net': { what: 'sockets, serial lines', may: ['model', ...PLATFORM.slice(0, 3)] },
  'platform/process': { what: 'this process and others', may: ['model', ...PLATFORM.slice(0, 4)] },
  access: { what: 'peers, passwords, groups; rights as a table', may: [...RIM, 'grammar/text', 'grammar/conserver'] },
  config: { what: 'files to configuration to the specification of a child', may: [...RIM, ...GRAMMAR] },
  logs: { what: 'reading and searching logs', may: RIM },
  audit: { what: 'who did what: a chain of lines, written, read, checked', may: RIM },
  terminal: { what: 'one child, its terminal, its log, its cgroup', may: ['codec', ...RIM] },
  holder: { what: 'the process that owns the terminals', may: ['codec', ...RIM, 'terminal'] },
  remote: { what: "the server's end of the holder", may: ['codec', ...RIM] },
  supervisor: { what: 'when to start and stop, as a table', may: RIM },
  console: { what: 'one console: supervision, sessions, probes', may: [...RIM, 'supervisor'] },
  host: {
    what: 'all consoles: plan, history, holds',
    may: [...RIM, 'logs', 'supervisor', 'console', 'access', 'audit'],
  },
  'listeners/procserv': { what: 'the way in that speaks procServ', may: WAYS_IN },
  'listeners/conserver/model': { what: 'consoles, seats, rights, tables of that protocol', may: WAYS_IN },
  'listeners/conserver/session': { what: 'one client on one console', may: [...CONSERVER_SESSIONS, ...WAYS_IN] },
  'listeners/conserver/wire': { what: 'ports, logins, commands', may: [...CONSERVER_SESSIONS, ...WAYS_IN] },
  'listeners/conserver': { what: 'the way in that speaks conserver', may: [...CONSERVER, ...WAYS_IN] },
  'listeners/control': { what: 'the control API: HTTP and WebSocket', may: [...WAYS_IN, 'logs'] },
  'listeners/network': { what: 'the door to the network: what its gateway is told', may: WAYS_IN },
  gateway: { what: 'the process at the network: TLS, logins, limits', may: [...RIM, 'access'] },
  isis: { what: 'the ISIS server, its lines, its client', may: ['codec', ...GRAMMAR, ...RIM] },
  systemd: { what: 'notification, journal, units', may: ['codec', ...GRAMMAR, ...RIM] },
  client: { what: 'the control API, seen from the other end', may: ['codec', ...RIM] },
  'cli/holdfast/command': { what: 'what a command is', may: COMMAND_LINE },
  'cli/holdfast/text': { what: 'what commands print', may: [...HOLDFAST.slice(0, 1), ...COMMAND_LINE] },
  'cli/holdfast/attach': { what: 'a terminal on a console', may: [...HOLDFAST.slice(0, 2), ...COMMAND_LINE] },
  'cli/holdfast/parts': { what: 'what several commands do', may: [...HOLDFAST.slice(0, 3), ...COMMAND_LINE] },
  'cli/holdfast/top': { what: 'the consoles on a whole screen', may: [...HOLDFAST.slice(0, 4), ...COMMAND_LINE] },
  'cli/holdfast/commands': { what: 'one file a command', may: [...HOLDFAST.slice(0, 4), ...COMMAND_LINE] },
  'cli/holdfast': { what: 'the list of commands', may: [...HOLDFAST, ...COMMAND_LINE] },
  'cli/conserver': { what: 'command line of conserver', may: [...COMMAND_LINE, 'listeners/conserver/model'] },
  'cli/console': { what: 'the client of conserver', may: COMMAND_LINE },
  'cli/procserv': { what: 'command line of procServ', may: COMMAND_LINE },
  'cli/manage-procs': { what: 'manage-procs and its generator', may: COMMAND_LINE },
  'cli/isis': { what: 'isis, isisCmd, execISIS', may: COMMAND_LINE },
  'cli/import': { what: 'configurations of other tools', may: [...COMMAND_LINE, 'cli/procserv'] },
  'cli/export': { what: 'files for other tools', may: COMMAND_LINE },
};

export const ROOMS: Readonly<Record<string, Room>> = {
  ...PARTS,
  main: { what: 'the programs', may: Object.keys(PARTS) },
};

/** The room of a file below `src/`: the longest row of the table that is a prefix of its path. */
export function roomOf(path: string): string | undefined {
  return Object.keys(ROOMS)
    .filter((room) => path.startsWith(`${room}/`))
    .sort((a, b) => b.length - a.length)[0];
}

/** Made by `npm run generate`: their parts are those of what they are made of. */
export const GENERATED: readonly string[] = ['model/api.ts'];

/** Hard limit of lines for one file of src/ (at 500 something wants its own name). */
export const LARGEST_FILE = 500;

/** Named sets of rooms in ARCHITECTURE.md, larger ones first. */
const SETS: readonly (readonly [string, readonly string[]])[] = [
  ['a way in', WAYS_IN],
  ['a command line', COMMAND_LINE],
  ['all grammar', GRAMMAR],
  ['the rim', RIM],
];

/** Rooms by their names, sets of them by theirs. */
function inBrief(may: readonly string[], sets = SETS): string {
  let rest = [...may];
  const names: string[] = [];
  for (const [name, rooms] of sets) {
    if (rooms.every((room) => rest.includes(room))) {
      rest = rest.filter((room) => !rooms.includes(room));
      names.push(name);
    }
  }
  return [...names, ...rest].join(', ') || '-';
}

/** As ARCHITECTURE.md shows it. */
export function roomsTable(): string {
  const sets = SETS.map(([name, rooms], at) => [`_${name}_`, '', '', inBrief(rooms, SETS.slice(at + 1))]);
  const rows = Object.entries(ROOMS).map(([room, { what, may, pure }]) => [
    `\`${room}\``,
    what,
    pure ? 'yes' : '',
    room === 'main' ? 'all' : inBrief(may),
  ]);
  const head = ['room', 'what lives there', 'pure', 'may import'];
  const all = [head, ...rows, ...sets];
  const widths = head.map((_, column) => Math.max(...all.map((cells) => (cells[column] as string).length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] as number)).join(' | ')} |\n`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...[...rows, ...sets].map(line)].join('');
}
