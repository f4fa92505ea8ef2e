import { ask, groups } from './ask.ts';
import { call } from './call.ts';
import type { Client } from './client.ts';

/** -u -w -i -x: the rows as they come, of all groups or of one console. */
export async function status(client: Client, command: string, all: boolean, name: string | undefined): Promise<void> {
  if (name !== undefined) {
    // As in the original, the console is called first: one that may not be joined is not shown either.
    const joined = await call(client, name);
    joined?.link.close();
    client.out((joined && (await ask(client, joined.place, `${command} ${name}`))) ?? '');
    return;
  }
  for await (const place of groups(client, all)) {
    client.out((await ask(client, place, command)) ?? '');
  }
}
