/** The parts of the host server, in the order of their dependencies. */
import { join } from 'node:path';
import { Memberships } from '../access/group-member.ts';
import type { UpOptions } from '../cli/holdfast/command/command.ts';
import { telnetLink } from '../codec/telnet-link.ts';
import { childSpec } from '../config/child-spec.ts';
import { ConfigOnDisk } from '../config/config-on-disk.ts';
import type { ConfigReader } from '../config/config-reader.ts';
import { AccessControl } from '../host/access-control.ts';
import { AuditLog, type AuditLogParts } from '../host/audit-log.ts';
import { ConsoleHost } from '../host/console-host.ts';
import { EventLog } from '../host/event-log.ts';
import { Events } from '../host/events.ts';
import { guardOf } from '../host/guard.ts';
import { HistoryLimit } from '../host/history-limit.ts';
import { HoldsFile } from '../host/holds-file.ts';
import { Orphans } from '../host/orphans.ts';
import { PastResources } from '../host/past-resources.ts';
import { ServerVersion, type VersionParts } from '../host/server-version.ts';
import type { ControlSocket } from '../listeners/control/control-socket.ts';
import type { NetworkService } from '../listeners/network/service.ts';
import { DiskLogFiles } from '../logs/disk-log-files.ts';
import { AUDIT_FILE } from '../model/audit.ts';
import type { HostConfig } from '../model/config.ts';
import type { HostEvent } from '../model/events.ts';
import { MemoryBudget, shortText, sparedOf } from '../model/memory-budget.ts';
import { VERSION } from '../model/version.ts';
import { DiskFiles } from '../platform/files/disk-files.ts';
import { native } from '../platform/native.ts';
import { openSerial } from '../platform/net/serial.ts';
import { complain } from '../platform/process/complain.ts';
import { DescriptorGuard } from '../platform/process/descriptors.ts';
import { machineMemory } from '../platform/process/machine-memory.ts';
import { watchMemory } from '../platform/process/memory-pressure.ts';
import { sessionUses } from '../platform/process/session-use.ts';
import { systemClock as clock } from '../platform/time/clock.ts';
import { holderAt } from '../remote/holder-access.ts';
import { HolderLink } from '../remote/holder-link.ts';
import { AuditJournal } from '../systemd/audit-journal.ts';
import type { Notifier } from '../systemd/notify.ts';
import { ownUnit } from '../systemd/own-unit.ts';
import { StatusService } from '../systemd/status-service.ts';
import { servicesOf } from './server-services.ts';

export interface Composition {
  readonly options: Pick<UpOptions, 'waitForHolder'>;
  readonly manager: Notifier;
  readonly reader: ConfigReader;
  readonly config: HostConfig;
  readonly control: ControlSocket;
}

export interface Server {
  readonly host: ConsoleHost;
  readonly holder: HolderLink;
  readonly files: ConfigOnDisk;
  readonly events: Events;
  readonly history: EventLog;
  readonly audit: AuditLog;
  /** The events of earlier servers, oldest first. */
  readonly past: readonly HostEvent[];
  readonly orphans: Orphans;
  readonly status: StatusService;
  readonly network: NetworkService;
}

/** Only the history is open yet, to which every part writes. */
export async function composeServer({ options, manager, reader, config, control }: Composition): Promise<Server> {
  const { stateDir } = config.server;
  const limit = new HistoryLimit(config.server);
  const history = new EventLog(stateDir, () => limit.bytes, say);
  const past = await history.open();
  const events = new Events(clock.now, history.newest);
  events.listen((event) => history.add(event));
  const tell = (text: string): void => void events.add({ type: 'config', text });
  const guard = new DescriptorGuard(clock, (text) => {
    say(text);
    events.add({ type: 'server', text });
  });
  const budget = new MemoryBudget(
    config.server.lagMemory ?? sparedOf(machineMemory()),
    clock.now,
    ({ most }) => void events.add({ type: 'server', text: shortText('the server', most) }),
  );
  const holder = linkToHolder(options, config, budget, events);
  const files = new ConfigOnDisk(reader, clock, tell);
  const own = { version: VERSION, startedAt: clock.now(), ...ownService(control, manager) };
  const access = new AccessControl({
    first: config.access,
    changed: () => host.reviewSessions(),
    groupsOf: (name) => host.find(name)?.config.groups ?? [],
    memberships: new Memberships(clock),
    people: () => host.people,
    ownUid: process.geteuid?.() ?? 0,
    clock,
  });
  const audit = new AuditLog({
    first: config.audit,
    clock,
    files: new DiskLogFiles(new DiskFiles(clock), join(stateDir, AUDIT_FILE)),
    copy: process.env.JOURNAL_STREAM === undefined ? () => undefined : copyToJournal(),
    tell: (text) => {
      say(text);
      events.add({ type: 'server', text });
    },
  });
  events.listen((event) => audit.event(event));
  const pastResources = new PastResources(clock, () => host.resources());
  const host: ConsoleHost = new ConsoleHost({
    rights: guardOf({ access, audit }),
    input: audit,
    ...{ config, files, events, history, childSpec, openSerial, makeCodec: telnetLink, clock },
    memoryRanOut: watchMemory(clock),
    holds: new HoldsFile(stateDir, clock, (text) => {
      say(text);
      tell(text);
    }),
    about: new ServerVersion({ ...own, guard, budget, holder, files, network: () => network.status }),
    backends: holder,
    sessionUses,
    pastResources,
  });
  const orphans = new Orphans({
    holder,
    discarded: (name) =>
      events.add({ console: name, type: 'config', text: 'no longer configured: stopped and released' }),
    leftAlone: (text) => files.tellOnce(text),
  });
  const status = new StatusService({ manager, clock, events });
  const { runtimeDir } = config.server;
  const { network, services } = servicesOf({
    ...{ host, access, audit, files, events, guard },
    fd: control.fd,
    runtimeDir,
    stateDir,
  });
  host.serve([limit, status, orphans, pastResources, ...services]);
  return { host, holder, files, events, history, audit, past, orphans, status, network };
}

function linkToHolder(
  { waitForHolder }: Pick<UpOptions, 'waitForHolder'>,
  { server: { runtimeDir, logDelay } }: HostConfig,
  budget: MemoryBudget,
  events: Events,
): HolderLink {
  return new HolderLink({
    ...{ holder: holderAt(join(runtimeDir, 'holder'), waitForHolder ? undefined : logDelay), budget, logDelay, clock },
    lost: () => void events.add({ type: 'holder', what: 'lost' }),
    found: (living, ended) => void events.add({ type: 'holder', what: 'found', living, ended }),
    trouble: (text) => void events.add({ type: 'holder', text }),
    silent: (silence) => void events.add({ type: 'holder', what: 'silent', silence }),
    back: (after) => void events.add({ type: 'holder', what: 'answers', afterSeconds: Math.round(after / 1000) }),
  });
}

function copyToJournal(): AuditLogParts['copy'] {
  const journal = new AuditJournal(native.sendDatagram, clock);
  return (entry, place) => journal.copy(entry, place);
}

/** The systemd service of this process, if any. */
function ownService({ activated }: ControlSocket, manager: Notifier): Pick<VersionParts, 'service'> {
  const unit = activated || manager.managed ? ownUnit() : undefined;
  return unit ? { service: { ...unit, socket: activated } } : {};
}

/** On standard error. */
export function say(text: string): void {
  complain(`holdfast: ${text}\n`);
}
