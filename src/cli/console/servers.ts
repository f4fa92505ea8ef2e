import { ask, masters } from './ask.ts';
import type { Client } from './client.ts';

/** -P -r -q -z: one command to each server, answers as `host: answer` or bare. */
export async function commandServers(client: Client, command: string, all: boolean, prefixed: boolean): Promise<void> {
  for (const master of await masters(client, all)) {
    const answer = await ask(client, master, command);
    if (answer === undefined) {
      continue;
    }
    client.out(prefixed ? `${master.host}: ${answer}` : answer);
    if (!/^(ok|version |\d+\r\n)/.test(answer)) {
      client.failed('refused');
    }
  }
}
