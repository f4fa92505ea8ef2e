import { ask, groups } from './ask.ts';
import type { Client } from './client.ts';

/** -b -B -t: a text to people; silent unless the server refuses it. */
export async function say(client: Client, command: string, all: boolean): Promise<void> {
  for await (const place of groups(client, all)) {
    const answer = await ask(client, place, command);
    if (answer !== undefined && !answer.startsWith('ok')) {
      client.out(answer);
      client.failed('refused');
    }
  }
}
