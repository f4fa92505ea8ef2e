/** The services of the host server. Another one is one more line here. */
import type { ConfigOnDisk } from '../config/config-on-disk.ts';
import { UnreadFolders } from '../config/unread-folders.ts';
import type { ConsoleHost } from '../host/console-host.ts';
import type { Events } from '../host/events.ts';
import { IsisHostService } from '../isis/host-service.ts';
import { ConserverService } from '../listeners/conserver/service.ts';
import { ControlService } from '../listeners/control/service.ts';
import { ProcServService } from '../listeners/procserv/service.ts';
import type { HostService } from '../model/host-service.ts';
import { self } from '../model/principal.ts';
import { VERSION } from '../model/version.ts';
import { native } from '../platform/native.ts';
import { complain } from '../platform/process/complain.ts';
import type { DescriptorGuard } from '../platform/process/descriptors.ts';
import { systemClock as clock } from '../platform/time/clock.ts';
import type { HolderLink } from '../remote/holder-link.ts';
import { JournalService } from '../systemd/journal.ts';

export interface ServiceParts {
  readonly host: ConsoleHost;
  readonly files: ConfigOnDisk;
  readonly events: Events;
  readonly guard: DescriptorGuard;
  readonly holder: Pick<HolderLink, 'reopenLogs'>;
  /** Descriptor of the control socket. */
  readonly fd: number;
}

export function servicesOf({ host, files, events, guard, holder, fd }: ServiceParts): HostService[] {
  const isis = new IsisHostService({
    version: VERSION,
    timers: clock,
    event: (event) => void events.add(event),
    load: async () => (await files.load()).config,
  });
  return [
    ...(process.env.JOURNAL_STREAM === undefined
      ? []
      : [new JournalService((handler) => events.listen(handler), native.sendDatagram, clock)]),
    new ProcServService(clock, (name, text) => void events.add({ console: name, type: 'config', text }), guard),
    new UnreadFolders({
      clock,
      take: (folders) => host.takeFound(folders, self('folders that can be read again')),
      tell: (text) => files.tellOnce(text),
    }),
    isis,
    new ConserverService({
      ...{ host, clock, guard, reopenLogs: () => holder.reopenLogs() },
      note: (text) => void events.add({ type: 'conserver', text }),
    }),
    new ControlService({
      ...{ host, isis, clock, fd },
      mayKeep: (descriptor) => guard.fits(descriptor, 'control'),
      strays: guard.strays,
      refused: () => guard.refused('the control socket'),
      fault: (error) => complain(`holdfast: control API: ${(error as Error).stack ?? error}\n`),
    }),
  ];
}
