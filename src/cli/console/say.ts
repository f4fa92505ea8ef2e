import { ask, groups } from './ask.ts';
import type { Client } from './client.ts';

/** -b -B -t: a text to people, silent whatever the server says. */
export async function say(client: Client, command: string, all: boolean): Promise<void> {
  for (const place of await groups(client, all)) {
    const answer = await ask(client, place, command);
    if (answer !== undefined && !answer.startsWith('ok')) {
      client.failed('refused');
    }
  }
}
