/** The life of a host server: assembly, opening, signals, and an orderly end. */
import type { UpOptions } from '../cli/holdfast/command/command.ts';
import { EXIT } from '../cli/holdfast/command/exit-codes.ts';
import { refuseOtherSocket } from '../cli/holdfast/parts/named-socket.ts';
import { wholeConfig } from '../config/config-on-disk.ts';
import { ConfigReader } from '../config/config-reader.ts';
import { goDown } from '../host/going-down.ts';
import { reloadOnSignal } from '../host/reload-on-signal.ts';
import { makeFolders } from '../host/server-folders.ts';
import type { Served } from '../host/start-report.ts';
import { controlPath, openControlSocket } from '../listeners/control/control-socket.ts';
import { silenceText } from '../model/holder-silence.ts';
import { sender } from '../model/principal.ts';
import { VERSION } from '../model/version.ts';
import { native } from '../platform/native.ts';
import { showAs } from '../platform/process/process-title.ts';
import { passOverStraySignals } from '../platform/process/stray-signals.ts';
import { systemClock as clock } from '../platform/time/clock.ts';
import { openedOrSilent } from '../remote/opened-or-silent.ts';
import { activatedSockets } from '../systemd/activation.ts';
import type { Notifier } from '../systemd/notify.ts';
import { composeServer, type Server, say } from './server-parts.ts';

/** Starts to serve; resolves when the server is up. It ends the process itself when told to go down. */
export async function serveHost(options: UpOptions, manager: Notifier): Promise<Served> {
  showAs('holdfast', ['up', ...(options.config === undefined ? [] : ['-c', options.config])]);
  native.collectOrphans();
  passOverStraySignals({ but: ['HUP', 'INT'], foreground: options.foreground });
  const reader = new ConfigReader(options.config, { env: process.env, uid: process.geteuid?.() ?? 0 }, clock);
  const first = await reader.first();
  const config = wholeConfig(first);
  const { runtimeDir, stateDir, logDir } = config.server;
  refuseOtherSocket(options.socket, controlPath(config.server));
  await makeFolders({ runtime_dir: runtimeDir, state_dir: stateDir, log_dir: logDir }, clock);
  const control = openControlSocket(config.server, activatedSockets(process.env).get('control'));
  const server = await composeServer({ options, manager, reader, config, control });
  const { host, holder, files, past, status, network } = server;

  const opening = Promise.all([holder.open(), host.open(past)]).then(() => host.openServices('after consoles'));
  const silence = await openedOrSilent(opening, holder, clock).catch(async (error) => {
    await host.closeServices();
    control.unlink();
    throw error;
  });
  files.applied(first);
  await host.openServices('others');
  const waitsFor = silence && `waits for the holder: ${silenceText(silence)}`;
  if (waitsFor === undefined) {
    tellUp(server);
  } else {
    server.events.add({ type: 'holder', text: waitsFor });
    opening
      .then(() => tellUp(server))
      .then(
        () => manager.status(status.text),
        (error) => fail(error, server, control),
      );
  }
  files.watch(first.folders);
  void host.toldToGoDown
    .then((order) => goDown(order, { ...server, control, manager }))
    .then(() => process.exit(EXIT.ok));
  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.on(signal, () => void host.down(false, sender(signal)));
  }
  process.on('SIGHUP', () => void reloadOnSignal({ host, holder, manager, status, say }));
  manager.ready(waitsFor ?? status.text);
  return {
    ...{ consoles: host.consoles.length, control: controlPath(config.server), warnings: first.warnings },
    ...(silence ? { silence } : {}),
    ...(network.status?.trouble === undefined ? {} : { network: network.status.trouble }),
  };
}

function tellUp({ events, host }: Server): void {
  const { length: consoles } = host.consoles;
  events.add({ type: 'server', what: 'up', version: VERSION, pid: process.pid, consoles });
}

/** The holder was waited for, but the consoles cannot be taken over from it. */
async function fail(error: Error, { audit, events, history }: Server, control: { unlink(): void }): Promise<void> {
  say(error.message);
  events.add({ type: 'server', text: `goes down: ${error.message}` });
  control.unlink();
  await history.flush();
  await audit.finish();
  process.exit(EXIT.failed);
}
