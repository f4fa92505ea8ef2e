/** Puts the host server together: its parts in the order in which they need one another, its start, its signals, its end. */
import type { UpOptions } from '../cli/holdfast/command/command.ts';
import { EXIT } from '../cli/holdfast/command/exit-codes.ts';
import { telnetLink } from '../codec/telnet-link.ts';
import { childSpec } from '../config/child-spec.ts';
import { ConfigOnDisk, wholeConfig } from '../config/config-on-disk.ts';
import { ConfigReader } from '../config/config-reader.ts';
import { ConsoleHost } from '../host/console-host.ts';
import { EventLog } from '../host/event-log.ts';
import { Events } from '../host/events.ts';
import { goDown } from '../host/going-down.ts';
import { HistoryLimit } from '../host/history-limit.ts';
import { HoldsFile } from '../host/holds-file.ts';
import { Orphans } from '../host/orphans.ts';
import { reloadOnSignal } from '../host/reload-on-signal.ts';
import { makeFolders } from '../host/server-folders.ts';
import { ServerVersion, type VersionParts } from '../host/server-version.ts';
import { problemText } from '../model/config-problem.ts';
import { silenceRemedy, silenceText } from '../model/holder-silence.ts';
import { sender } from '../model/principal.ts';
import { VERSION } from '../model/version.ts';
import { native } from '../platform/native.ts';
import { openSerial } from '../platform/net/serial.ts';
import { watchMemory } from '../platform/process/memory-pressure.ts';
import { showAs } from '../platform/process/process-title.ts';
import { passOverStraySignals } from '../platform/process/stray-signals.ts';
import { systemClock as clock } from '../platform/time/clock.ts';
import { openedOrSilent } from '../remote/opened-or-silent.ts';
import type { Notifier } from '../systemd/notify.ts';
import { ownUnit } from '../systemd/own-unit.ts';
import { StatusService } from '../systemd/status-service.ts';
import { type ControlSocket, controlPath, openControlSocket, refuseOtherSocket } from './control-socket.ts';
import { say, serverParts } from './server-parts.ts';
import { servicesOf } from './server-services.ts';

/** Starts to serve; resolves with the line that says so. It ends the process itself when it is told to go down. */
export async function serveHost(options: UpOptions, manager: Notifier): Promise<string> {
  showAs('holdfast', ['up', ...(options.config === undefined ? [] : ['-c', options.config])]);
  native.collectOrphans();
  passOverStraySignals({ but: ['HUP', 'INT'], foreground: options.foreground });
  const reader = new ConfigReader(options.config, { env: process.env, uid: process.geteuid?.() ?? 0 });
  const first = await reader.first();
  const config = wholeConfig(first);
  const { server } = config;
  refuseOtherSocket(options.socket, server);
  await makeFolders({ runtime_dir: server.runtimeDir, state_dir: server.stateDir, log_dir: server.logDir }, clock);
  const control = openControlSocket(server);
  const limit = new HistoryLimit(server);
  const history = new EventLog(server.stateDir, () => limit.bytes, say);
  const past = await history.open();
  const events = new Events(clock.now, history.newest);
  events.listen((event) => history.add(event));
  const tell = (text: string): void => void events.add({ type: 'config', text });
  const parts = serverParts(options, server, events);
  const { holder } = parts;
  const files = new ConfigOnDisk(reader, clock, tell);
  const host = new ConsoleHost({
    ...{
      config,
      files,
      events,
      history,
      childSpec,
      openSerial,
      makeCodec: telnetLink,
      clock,
      memoryRanOut: watchMemory(clock),
    },
    holds: new HoldsFile(server.stateDir, clock, (text) => {
      say(text);
      tell(text);
    }),
    about: new ServerVersion({
      ...parts,
      files,
      version: VERSION,
      startedAt: clock.now(),
      ...ownService(control, manager),
    }),
    openBackend: (name, log, logTrouble) => holder.openBackend(name, log, logTrouble),
    lastLines: () => holder.lastLines(),
    silence: () => holder.silence,
    mustAnswer: () => holder.mustAnswer(),
  });
  const orphans = new Orphans({
    holder,
    discarded: (name) =>
      events.add({ console: name, type: 'config', text: 'not configured any more: stopped and let go' }),
    leftAlone: (text) => files.tellOnce(text),
  });
  const status = new StatusService({ manager, clock, events });
  host.serve([limit, status, orphans, ...servicesOf({ ...parts, host, files, events, fd: control.fd })]);

  const opening = Promise.all([holder.open(), host.open(past)]).then(() => host.openServices('after consoles'));
  const silence = await openedOrSilent(opening, holder, clock).catch(async (error) => {
    await host.closeServices();
    control.unlink();
    throw error;
  });
  files.applied(first);
  await host.openServices('others');
  const isUp = (): void => {
    const { length: consoles } = host.consoles;
    events.add({ type: 'server', what: 'up', version: VERSION, pid: process.pid, consoles });
  };
  const waitsFor = silence && `waits for the holder: ${silenceText(silence)}`;
  if (waitsFor === undefined) {
    isUp();
  } else {
    events.add({ type: 'holder', text: waitsFor });
    opening.then(isUp).then(
      () => manager.status(status.text),
      (error) => fail(error, { events, history, control }),
    );
  }
  files.watch(first.folders);
  void host.toldToGoDown
    .then((order) => goDown(order, { host, orphans, holder, control, events, history, manager }))
    .then(() => process.exit(EXIT.ok));
  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.on(signal, () => void host.down(false, sender(signal)));
  }
  process.on('SIGHUP', () => void reloadOnSignal({ host, holder, manager, status, say }));
  manager.ready(waitsFor ?? status.text);
  const consoles = `${host.consoles.length} console${host.consoles.length === 1 ? '' : 's'}`;
  const up = silence
    ? `up, and ${waitsFor}\n  ${silenceRemedy(silence)}`
    : `up: ${consoles}, control socket ${controlPath(server)}`;
  return [up, ...first.warnings.map((warning) => `warning: ${problemText(warning)}`)].join('\nholdfast: ');
}

/** The consoles cannot be had from a holder that was waited for. */
async function fail(
  error: Error,
  { events, history, control }: { events: Events; history: EventLog; control: ControlSocket },
): Promise<void> {
  say(error.message);
  events.add({ type: 'server', text: `goes down: ${error.message}` });
  control.unlink();
  await history.flush();
  process.exit(EXIT.failed);
}

/** The service of systemd that this process is, if it is one. */
function ownService({ activated }: ControlSocket, manager: Notifier): Pick<VersionParts, 'service'> {
  const unit = activated || manager.managed ? ownUnit() : undefined;
  return unit ? { service: { ...unit, socket: activated } } : {};
}
