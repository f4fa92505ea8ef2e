// What rooms.test.ts would forbid and still stands. Nothing may be added; what is true no longer has to go, a test says so.

/** Imports that close a circle of files, all of them of types only. */
export const CIRCLES: readonly (readonly [file: string, imports: string])[] = [
  ['isis/commands.ts', 'isis/server.ts'],
  ['listeners/conserver/session/session.ts', 'listeners/conserver/session/escape-keys.ts'],
  ['model/conserver-config.ts', 'model/config.ts'],
];

/** Programs in `main/` that export something, where a program is started and not imported. */
export const PROGRAMS_THAT_EXPORT: readonly string[] = ['main/holdfast-import.main.ts', 'main/holdfast-server.main.ts'];

/**
 * Files outside platform/ that look at the clock or set timers by themselves, past the `Clock` that a test can drive.
 * Programs of the command line are no exception: what they print of the time is tested too.
 */
export const OWN_TIME: readonly string[] = [
  'access/group-member.ts',
  'access/pam.ts',
  'access/passwords.ts',
  'access/shadow.ts',
  'cli/holdfast/commands/events.ts',
  'cli/holdfast/parts/server-end.ts',
  'cli/holdfast/parts/wait-until-up.ts',
  'cli/holdfast/process-io.ts',
  'client/http-client.ts',
  'config/config-reader.ts',
  'console/attach.ts',
  'console/link-runner.ts',
  'console/session-registry.ts',
  'holder/terminal-store.ts',
  'host/event-log.ts',
  'isis/client/client.ts',
  'isis/day-log.ts',
  'isis/event-throttle.ts',
  'isis/exchange.ts',
  'isis/instance.ts',
  'isis/serial-line.ts',
  'isis/service.ts',
  'isis/system-clock.ts',
  'isis/udp-link.ts',
  'listeners/conserver/model/turns.ts',
  'listeners/conserver/served/net-source.ts',
  'listeners/conserver/wire/client-connection.ts',
  'listeners/conserver/wire/server.ts',
  'listeners/procserv/endpoint-owners.ts',
  'listeners/procserv/session.ts',
  'main/conserver-server.ts',
  'main/conserver-sources.ts',
  'main/conserver.main.ts',
  'main/host-server.ts',
  'remote/holder-client.ts',
  'systemd/notify.ts',
  'terminal/child.ts',
];
