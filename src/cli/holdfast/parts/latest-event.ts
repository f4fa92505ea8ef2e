import type { HostClient } from '../../../model/host-port.ts';

/** The newest event: those that follow have larger numbers. */
export async function latestEvent(client: HostClient): Promise<number> {
  return (await client.events({ limit: 1 })).at(-1)?.seq ?? 0;
}
