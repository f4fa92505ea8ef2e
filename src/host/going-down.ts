/** The orderly end of the server, in the order that loses nothing. */
import { eventText } from '../model/event-text.ts';
import type { AuditLog } from './audit-log.ts';
import type { ConsoleHost, GoDown } from './console-host.ts';
import type { EventLog } from './event-log.ts';
import type { Events } from './events.ts';
import type { Orphans } from './orphans.ts';

export interface GoingDownParts {
  readonly host: Pick<ConsoleHost, 'stopAll' | 'closeServices'>;
  readonly orphans: Pick<Orphans, 'discardAll'>;
  readonly holder: {
    /** Ends it; its children are down. */
    shutDown(): Promise<void>;
    /** Leaves it and its children as they are. */
    close(): void;
  };
  /** Clients get no answer from now on. */
  readonly control: { unlink(): void };
  readonly events: Pick<Events, 'add'>;
  readonly history: Pick<EventLog, 'flush'>;
  readonly audit: Pick<AuditLog, 'finish'>;
  readonly manager: { stopping(status: string): void };
}

/** Resolves when the process may end. */
export async function goDown({ all, by }: GoDown, parts: GoingDownParts): Promise<void> {
  const { host, orphans, holder, control, events, history, audit, manager } = parts;
  manager.stopping(eventText(events.add({ type: 'server', what: 'down', all, by })));
  if (all) {
    await host.stopAll(by);
    // A holder that dies meanwhile has released them.
    await orphans.discardAll().catch(() => undefined);
    await holder.shutDown();
  }
  await host.closeServices();
  control.unlink();
  holder.close();
  await history.flush();
  await audit.finish();
}
