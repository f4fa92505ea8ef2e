import { ask, groups, locate } from './ask.ts';
import type { Client } from './client.ts';

/** -u -w -i -x: the rows as they come, of all groups or of one console. */
export async function status(client: Client, command: string, all: boolean, name: string | undefined): Promise<void> {
  if (name !== undefined) {
    const place = await locate(client, name);
    const rows = place && (await ask(client, place, `${command} ${name}`));
    client.out(rows ?? '');
    return;
  }
  for (const place of await groups(client, all)) {
    client.out((await ask(client, place, command)) ?? '');
  }
}
