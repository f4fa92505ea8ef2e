// The walls between the rooms of src/, as data: ARCHITECTURE.md renders this table, rooms.test.ts enforces it.

export interface Room {
  /** Rooms that this one may import, besides itself. */
  readonly may: readonly string[];
  /** No `node:*`, no global of a runtime (also held by tsconfig.pure.json), and no package but these, which are pure too. */
  readonly pure?: readonly string[];
}

const WAYS_IN = ['codec', 'grammar', 'model', 'console', 'supervisor', 'platform'];

export const ROOMS: Readonly<Record<string, Room>> = {
  codec: { may: [], pure: [] },
  grammar: { may: ['model'], pure: ['smol-toml', 'typebox', 'typebox/value', 'typebox/compile'] },
  model: { may: [], pure: ['typebox'] },
  platform: { may: ['model'] },
  holder: { may: ['codec', 'platform', 'model'] },
  supervisor: { may: ['model', 'platform'] },
  console: { may: ['model', 'platform', 'supervisor'] },
  'listeners/procserv': { may: WAYS_IN },
  'listeners/conserver': { may: WAYS_IN },
  'listeners/control': { may: WAYS_IN },
  isis: { may: ['codec', 'grammar', 'model', 'platform'] },
  systemd: { may: ['codec', 'grammar', 'model', 'platform'] },
  cli: {
    may: [
      ...['codec', 'grammar', 'model', 'platform', 'holder', 'supervisor', 'console', 'isis', 'systemd'],
      ...['listeners/procserv', 'listeners/conserver', 'listeners/control'],
    ],
  },
  main: {
    may: [
      ...['codec', 'grammar', 'model', 'platform', 'holder', 'supervisor', 'console', 'isis', 'systemd', 'cli'],
      ...['listeners/procserv', 'listeners/conserver', 'listeners/control'],
    ],
  },
};

/** The room of a file below `src/`: the longest row of the table that is a prefix of its path. */
export function roomOf(path: string): string | undefined {
  return Object.keys(ROOMS)
    .filter((room) => path.startsWith(`${room}/`))
    .sort((a, b) => b.length - a.length)[0];
}

/** Lines. A file of src/ stays below: at 500 something wants its own name. */
export const LARGEST_FILE = 500;

/**
 * Imports that close a circle of files and still stand, all of them of types only. Nothing may be added; what no longer
 * closes a circle has to go.
 */
export const CIRCLES: readonly (readonly [file: string, imports: string])[] = [
  ['isis/commands.ts', 'isis/server.ts'],
  ['listeners/conserver/session.ts', 'listeners/conserver/escape-keys.ts'],
  ['model/conserver-config.ts', 'model/config.ts'],
];

/** Programs in `main/` that still export something. A program is started: only others' bundles import it. */
export const PROGRAMS_THAT_EXPORT: readonly string[] = ['main/holdfast-import.main.ts', 'main/holdfast-server.main.ts'];

/**
 * Files outside platform/ that still look at the clock or set timers by themselves, past the `Clock` that a test can
 * drive. Nothing may be added; a file that no longer does has to go. Programs of the command line are no exception:
 * what they print of the time is tested too.
 */
export const OWN_TIME: readonly string[] = [
  'cli/holdfast/events.ts',
  'cli/holdfast/http-client.ts',
  'cli/holdfast/process-io.ts',
  'cli/holdfast/server-end.ts',
  'cli/holdfast/wait-until-up.ts',
  'console/attach.ts',
  'console/event-log.ts',
  'console/link-host.ts',
  'console/session-book.ts',
  'holder/child.ts',
  'holder/holder-client.ts',
  'holder/terminal-store.ts',
  'isis/client/client.ts',
  'isis/day-log.ts',
  'isis/event-throttle.ts',
  'isis/exchange.ts',
  'isis/instance.ts',
  'isis/serial-line.ts',
  'isis/service.ts',
  'isis/system-clock.ts',
  'isis/udp-link.ts',
  'listeners/conserver/client-connection.ts',
  'listeners/conserver/net-source.ts',
  'listeners/conserver/passwords.ts',
  'listeners/conserver/server.ts',
  'listeners/conserver/turns.ts',
  'listeners/procserv/session.ts',
  'main/config-reader.ts',
  'main/conserver-server.ts',
  'main/conserver-sources.ts',
  'main/conserver.main.ts',
  'main/endpoint-owners.ts',
  'main/host-server.ts',
  'systemd/notify.ts',
];
