import { parseDisconnected } from '../../codec/conserver-answer.ts';
import { ask, groups } from './ask.ts';
import { type Client, refused } from './client.ts';

/** -d: throws users out on all servers and says how many there were. */
export async function disconnect(client: Client, who: string): Promise<void> {
  let total = 0;
  for await (const place of groups(client, true)) {
    const answer = await ask(client, place, `disconnect ${who}`);
    if (answer === undefined) {
      continue;
    }
    const count = parseDisconnected(answer);
    if (count === undefined) {
      refused(client, place.host, answer);
    }
    total += count ?? 0;
  }
  client.out(`disconnected ${total} ${total === 1 ? 'user' : 'users'}\n`);
}
