/** Puts the parts of the host server together, and takes them apart again in the right order. */
import { watch } from 'node:fs';
import { join } from 'node:path';
import type { UpOptions } from '../cli/holdfast/command/command.ts';
import { EXIT } from '../cli/holdfast/command/exit-codes.ts';
import { escapeTelnet, Telnet } from '../codec/telnet.ts';
import { childSpec } from '../config/child-spec.ts';
import { ConfigReader } from '../config/config-reader.ts';
import { LeftOut } from '../config/left-out.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import { UnreadFolders } from '../config/unread-folders.ts';
import type { LinkCodec } from '../console/link-runner.ts';
import { ConsoleHost } from '../host/console-host.ts';
import { EventLog } from '../host/event-log.ts';
import { HoldsFile } from '../host/holds-file.ts';
import { makeFolders } from '../host/server-folders.ts';
import { IsisServices } from '../isis/services.ts';
import { ConserverService } from '../listeners/conserver/service.ts';
import { ProcServService } from '../listeners/procserv/service.ts';
import type { LagMemory, VersionInfo } from '../model/api.ts';
import type { ConfigProblem, HostConfig } from '../model/config.ts';
import { HoldfastError } from '../model/errors.ts';
import { type HolderSilence, silenceRemedy, silenceText } from '../model/holder-silence.ts';
import { MemoryBudget, type MemoryFigures, shortText, sparedOf } from '../model/memory-budget.ts';
import { nameOf, type Principal, self, sender } from '../model/principal.ts';
import { VERSION } from '../model/version.ts';
import { native } from '../platform/native.ts';
import { openSerial } from '../platform/net/serial.ts';
import { complain } from '../platform/process/complain.ts';
import { DescriptorGuard } from '../platform/process/descriptors.ts';
import { machineMemory } from '../platform/process/machine-memory.ts';
import { watchMemory } from '../platform/process/memory-pressure.ts';
import { showAs } from '../platform/process/process-title.ts';
import { passOverStraySignals } from '../platform/process/stray-signals.ts';
import { systemClock as clock } from '../platform/time/clock.ts';
import { holderAt } from '../remote/holder-access.ts';
import { HolderLink } from '../remote/holder-link.ts';
import { Journal } from '../systemd/journal.ts';
import type { Notifier } from '../systemd/notify.ts';
import { ownUnit } from '../systemd/own-unit.ts';
import { statusLine } from '../systemd/status-line.ts';
import { controlPath, openControlSocket, refuseOtherSocket } from './control-socket.ts';

/** After a change of a configuration file this long without another one. Milliseconds. */
const SETTLE = 500;
/** Milliseconds. */
const STATUS_PAUSE = 200;
/** A start that has not got its consoles by then looks at whom it waits for. Milliseconds. */
const PATIENCE = 3000;
/** Telnet: IAC BRK (RFC 854). */
const IAC_BREAK = Uint8Array.of(255, 243);

/** Starts to serve; resolves with the line that says so. It ends the process itself when it is told to go down. */
export async function serveHost(options: UpOptions, manager: Notifier): Promise<string> {
  const { config: configFile, waitForHolder } = options;
  showAs('holdfast', ['up', ...(configFile === undefined ? [] : ['-c', configFile])]);
  native.collectOrphans();
  passOverStraySignals({ but: ['HUP', 'INT'], foreground: options.foreground });
  const owner = { env: process.env, uid: process.geteuid?.() ?? 0 };
  const reader = new ConfigReader(configFile, owner);
  const load = () => reader.load();
  const first = await reader.first();
  const config = configOf(first);
  const { runtimeDir, stateDir, logDir, logDelay } = config.server;
  refuseOtherSocket(options.socket, config.server);
  await makeFolders({ runtime_dir: runtimeDir, state_dir: stateDir, log_dir: logDir }, clock);
  const control = openControlSocket(config.server);
  const unit = control.activated || manager.managed ? ownUnit() : undefined;
  const service = unit ? { service: { ...unit, socket: control.activated } } : {};
  const startedAt = new Date(clock.now()).toISOString();
  const say = (message: string) => complain(`holdfast: ${message}\n`);
  const events = new EventLog(stateDir, () => host.config.server.eventsKeep, say, clock);
  const history = await events.open();
  if (process.env.JOURNAL_STREAM !== undefined) {
    const journal = new Journal(native.sendDatagram, clock);
    events.listen((event) => journal.event(event));
  }

  const guard = new DescriptorGuard(clock, (text) => {
    say(text);
    events.add({ type: 'server', text });
  });
  const endpoints = new ProcServService(
    clock,
    (name, text) => void events.add({ console: name, type: 'config', text }),
    guard,
  );
  const budget = new MemoryBudget(
    config.server.lagMemory ?? sparedOf(machineMemory()),
    clock.now,
    ({ most }) => void events.add({ type: 'server', text: shortText('the server', most) }),
  );
  const holder = new HolderLink({
    budget,
    holder: holderAt(join(runtimeDir, 'holder'), waitForHolder ? undefined : logDelay),
    logDelay,
    clock,
    lost: () => void events.add({ type: 'holder', text: 'the holder is gone: waiting for the next one' }),
    found: (living, ended) => {
      const text = `there is a holder again: ${living} processes live on, ${ended} ended with the last one`;
      events.add({ type: 'holder', text });
    },
    trouble: (text) => void events.add({ type: 'holder', text }),
    silent: (silence) => void events.add({ type: 'holder', text: silenceText(silence) }),
    back: (after) =>
      void events.add({ type: 'holder', text: `the holder answers again, after ${Math.round(after / 1000)} s` }),
  });
  const isis = new IsisServices({
    version: VERSION,
    note: (name, text, by) =>
      void events.add({ console: name, type: 'isis', text, ...(by ? { actor: nameOf(by) } : {}) }),
    load: async () => (await load()).config,
  });
  const conserver = new ConserverService({
    host: () => host,
    note: (text) => void events.add({ type: 'conserver', text }),
    guard,
    reopenLogs: () => holder.reopenLogs(),
  });
  const holds = new HoldsFile(stateDir, clock, (text) => {
    say(text);
    events.add({ type: 'config', text });
  });
  let applied = first.digest;
  const leftOut = new LeftOut((text) => void events.add({ type: 'config', text }));
  const unread = new UnreadFolders(clock, async (folders) => {
    const taken = await host.takeFound(folders, self('folders that can be read again')).catch(() => false);
    const how = taken ? 'its consoles are taken' : 'not taken, since more has changed: see holdfast plan';
    leftOut.once(`${folders.join(', ')} can be read now: ${how}`);
    return taken;
  });
  const host = new ConsoleHost({
    ...{ config, events, childSpec, openSerial, clock, memoryRanOut: watchMemory(clock) },
    makeCodec: telnetCodec,
    openBackend: (name, log, logTrouble) => holder.openBackend(name, log, logTrouble),
    lastLines: () => holder.lastLines(),
    silence: () => holder.silence,
    mustAnswer: () => holder.mustAnswer(),
    loadConfig: load,
    applied: (digest, warnings) => {
      applied = digest;
      leftOut.tell(warnings.map(problemText));
    },
    version: async (consoles, files) => {
      const digest = await reader.digest();
      return versionOf(holder, {
        ...{ startedAt, consoles, ...service },
        descriptors: guard.use,
        config: { files, changedOnDisk: digest !== applied },
        lagMemory: lagMemory(budget.figures),
        ofHolder: await holder.memory(),
      });
    },
    others: {
      plan: (wanted) => [...isis.plan(wanted.isis), ...conserver.plan(wanted.conserver)],
      apply: async (wanted) => {
        unread.follow(wanted.unread);
        await letGoUnconfigured(wanted);
        return [...(await isis.apply(wanted.isis)), ...(await conserver.apply(wanted.conserver))];
      },
    },
    added: (console) => endpoints.add(console),
    changed: (console) => endpoints.change(console),
    unopened: (name) => endpoints.unopened(name),
    removed: (name) => {
      conserver.removed(name);
      void endpoints.remove(name);
    },
    saveHolds: (held) => holds.write(held),
    goDown: (all, by) => void goDown(all, by),
  });

  /** What an older configuration has left with the holder. It may stand in a folder that cannot be read now: then it stays. */
  const letGoUnconfigured = async (wanted: HostConfig): Promise<void> => {
    for (const { id, name } of await holder.orphans()) {
      if (wanted.unread.length > 0) {
        leftOut.once(`${name} is not configured, and left alone: ${wanted.unread.join(', ')} cannot be read`);
      } else {
        events.add({ console: name, type: 'config', text: 'not configured any more: stopped and let go' });
        await holder.discard(id);
      }
    }
  };

  let ending = false;
  const goDown = async (all: boolean, by: Principal): Promise<void> => {
    if (ending) {
      return;
    }
    ending = true;
    const text = all ? 'going down with holder and children' : 'going down; the children go on';
    manager.stopping(text);
    events.add({ type: 'server', text, actor: nameOf(by) });
    if (all) {
      await host.stopAll(by);
      // A holder that goes meanwhile has let go of them.
      await discardStrangers(holder).catch(() => undefined);
      await holder.shutDown();
    }
    unread.close();
    conserver.close();
    await Promise.all([endpoints.close(), api.close(), isis.close()]);
    control.unlink();
    holder.close();
    await events.flush();
    process.exit(0);
  };

  // The endpoints come first: the control API is loaded while the holder starts.
  const opening = Promise.all([holder.open(), holds.read().then((held) => host.open(held, history))])
    .then(() => letGoUnconfigured(config))
    .then(() => {
      unread.follow(config.unread);
      return conserver.apply(config.conserver);
    });
  let silence: HolderSilence | undefined;
  try {
    silence = await openedOrSilent(opening, holder);
  } catch (error) {
    await endpoints.close();
    control.unlink();
    throw error;
  }
  leftOut.tell(first.warnings.map(problemText));
  await isis.apply(config.isis);
  const { createControl } = await import('../listeners/control/control.ts');
  const api = createControl({
    host,
    isis,
    clock,
    mayKeep: (fd) => guard.fits(fd, 'control'),
    strays: guard.strays,
    refused: () => guard.refused('the control socket'),
    fault: (error) => say(`control API: ${(error as Error).stack ?? error}`),
  });
  await api.listen(control.fd);
  const isUp = () => {
    const text = `holdfast ${VERSION} is up, pid ${process.pid}, ${host.consoles.length} consoles`;
    events.add({ type: 'server', text });
  };
  const waitsFor = silence && `waits for the holder: ${silenceText(silence)}`;
  if (waitsFor === undefined) {
    isUp();
  } else {
    events.add({ type: 'holder', text: waitsFor });
    opening.then(
      () => {
        isUp();
        manager.status(statusOf(host));
      },
      async (error: Error) => {
        say(error.message);
        events.add({ type: 'server', text: `goes down: ${error.message}` });
        control.unlink();
        await events.flush();
        process.exit(EXIT.failed);
      },
    );
  }
  let told = applied;
  watchFolders(first.folders, reader, async () => {
    const digest = await reader.digest();
    if (digest !== applied && digest !== told) {
      told = digest;
      events.add({ type: 'config', text: 'the configuration files have changed, not applied: see holdfast plan' });
    }
  });

  process.on('SIGTERM', () => void goDown(false, sender('SIGTERM')));
  process.on('SIGINT', () => void goDown(false, sender('SIGINT')));
  process.on('SIGHUP', () => {
    manager.reloading();
    holder.reopenLogs();
    const result = host.apply(sender('SIGHUP')).then(
      ({ problems }) => problems.map(problemText),
      (error: Error) => [error.message],
    );
    void result.then((problems) => {
      problems.forEach(say);
      manager.ready(statusOf(host));
    });
  });
  const status = inOneLine(manager, host);
  events.listen(({ type }) => (type === 'state' || type === 'config' ? status() : undefined));
  manager.ready(waitsFor ?? statusOf(host));
  const consoles = `${host.consoles.length} console${host.consoles.length === 1 ? '' : 's'}`;
  const up = silence
    ? `up, and ${waitsFor}\n  ${silenceRemedy(silence)}`
    : `up: ${consoles}, control socket ${controlPath(config.server)}`;
  return [up, ...first.warnings.map((warning) => `warning: ${problemText(warning)}`)].join('\nholdfast: ');
}

/** Resolves when all is open, or with the holder that does not answer: what can be served without it is not to wait for it. */
async function openedOrSilent(opening: Promise<unknown>, holder: HolderLink): Promise<HolderSilence | undefined> {
  const opened = opening.then(() => true);
  // Whoever waits for `opening` itself hears of it.
  opened.catch(() => undefined);
  for (;;) {
    if (await Promise.race([opened, new Promise<false>((resolve) => clock.after(PATIENCE, () => resolve(false)))])) {
      return undefined;
    }
    const { silence } = holder;
    if (silence) {
      return silence;
    }
  }
}

async function discardStrangers(holder: HolderLink): Promise<void> {
  for (const { id } of await holder.orphans()) {
    await holder.discard(id);
  }
}

function configOf({ config, problems }: LoadedConfig): HostConfig {
  if (!config) {
    throw new HoldfastError('HF_BAD_CONFIG', `nothing was started:\n${problems.map(problemText).join('\n')}`);
  }
  return config;
}

function problemText({ file, line, column, key, message }: ConfigProblem): string {
  return `${file}:${line}${column === undefined ? '' : `:${column}`}: ${key === '' ? '' : `${key}: `}${message}`;
}

function statusOf(host: ConsoleHost): string {
  return statusLine(host.consoles.map(({ name, supervised }) => ({ name, state: supervised.state })));
}

/** Says what became of the consoles, not more often than people can read. */
function inOneLine(manager: Notifier, host: ConsoleHost): () => void {
  let due = false;
  return () => {
    if (!due) {
      due = true;
      clock.after(STATUS_PAUSE, () => {
        due = false;
        manager.status(statusOf(host));
      });
    }
  };
}

function lagMemory({ short, ...figures }: MemoryFigures): LagMemory {
  const iso = (time: number) => new Date(time).toISOString();
  return { ...figures, ...(short ? { short: { ...short, since: iso(short.since), last: iso(short.last) } } : {}) };
}

function versionOf(
  { hello, silence }: HolderLink,
  {
    ofHolder,
    ...rest
  }: Omit<VersionInfo, 'version' | 'pid' | 'node' | 'holder'> & {
    readonly ofHolder: MemoryFigures | undefined;
  },
): VersionInfo {
  return {
    ...{ version: VERSION, pid: process.pid, node: process.version },
    ...rest,
    holder: {
      pid: hello?.pid ?? 0,
      version: hello?.version ?? '',
      protocol: hello?.protocol ?? 0,
      startedAt: new Date(hello?.startedAt ?? 0).toISOString(),
      ...(silence === undefined ? {} : { silent: silence }),
      ...(ofHolder === undefined ? {} : { lagMemory: lagMemory(ofHolder) }),
    },
  };
}

/** What lies between a terminal server, or a procServ, and its console. */
function telnetCodec(send: (bytes: Uint8Array) => void): LinkCodec {
  const telnet = Telnet.client(send);
  return { receive: (bytes) => telnet.receive(bytes), encode: escapeTelnet, brk: IAC_BREAK };
}

/** Only says that something changed; what and whether it fits is for `plan`. */
function watchFolders(folders: readonly string[], reader: ConfigReader, changed: () => void): void {
  let timer: { cancel(): void } | undefined;
  const later = () => {
    reader.changed();
    timer?.cancel();
    timer = clock.after(SETTLE, changed);
  };
  for (const folder of folders) {
    try {
      watch(folder, { persistent: false }, later).on('error', () => undefined);
    } catch {
      // A folder that is not there yet is looked at by the next plan.
    }
  }
}
