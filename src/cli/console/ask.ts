/** Questions to servers: one connection each, answer up to the goodbye (conserver.md 2.1). */
import { parseCallAnswer, parseGroupsAnswer, parseMasterAnswer } from '../../codec/conserver-answer.ts';
import { type Client, refused } from './client.ts';
import { login } from './login.ts';

const GOODBYE = 'goodbye\r\n';
const DEEPEST_REDIRECT = 10;
/** The tables of 10,000 consoles are a tenth of this. Bytes. */
const LONGEST_ANSWER = 32 << 20;

export interface Place {
  readonly host: string;
  readonly port: number;
}

/** Everything that came before the goodbye; undefined, after a message, when the server could not be asked. */
export async function ask(client: Client, place: Place, command: string): Promise<string | undefined> {
  const link = await login(client, place.host, place.port);
  if (link === undefined) {
    return undefined;
  }
  link.write(`${command}\r\nexit\r\n`);
  let answer = '';
  for (let line = await link.readLine(); line !== undefined && line !== GOODBYE; line = await link.readLine()) {
    answer += line;
    if (answer.length > LONGEST_ANSWER) {
      client.warn(`\`${place.host}' answers \`${command}' with more than ${LONGEST_ANSWER >> 20} MB: given up`);
      client.failed('unreachable');
      link.close();
      return undefined;
    }
  }
  link.close();
  return answer;
}

/** The servers of the site as the first one names them; only the first without `all`. */
export async function masters(client: Client, all: boolean): Promise<Place[]> {
  const first = { host: client.settings.host, port: client.settings.portNumber };
  if (!all) {
    return [first];
  }
  const answer = await ask(client, first, 'master');
  if (answer === undefined) {
    return [];
  }
  const hosts = parseMasterAnswer(answer);
  if (hosts === undefined) {
    refused(client, first.host, answer);
    return [];
  }
  return hosts.map((host) => ({ host, port: first.port }));
}

/** The group ports of all those servers. */
export async function groups(client: Client, all: boolean): Promise<Place[]> {
  const found: Place[] = [];
  for (const master of await masters(client, all)) {
    const answer = await ask(client, master, 'groups');
    const ports = answer === undefined ? [] : parseGroupsAnswer(answer);
    if (ports === undefined) {
      refused(client, master.host, answer as string);
    }
    for (const port of ports ?? []) {
      found.push({ host: master.host, port });
    }
  }
  return found;
}

/** The group port that serves a console, over all redirections; undefined after a message. */
export async function locate(client: Client, name: string): Promise<Place | undefined> {
  const { portNumber: port } = client.settings;
  let { host } = client.settings;
  for (let level = 0; level < DEEPEST_REDIRECT; level++) {
    const text = await ask(client, { host, port }, `call ${name}`);
    if (text === undefined) {
      return undefined;
    }
    const answer = parseCallAnswer(text);
    switch (answer.kind) {
      case 'port':
        return { host, port: answer.port };
      case 'attached':
        // This port is a group port itself.
        return { host, port };
      case 'redirect':
        host = answer.host;
        break;
      case 'refused':
        refused(client, host, answer.text);
        return undefined;
    }
  }
  client.warn('forwarding level too deep!');
  client.failed('refused');
  return undefined;
}
