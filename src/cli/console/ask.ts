/** Questions to servers: one connection each, answer up to the goodbye (spec/conserver.md 2.1). */
import { parseCallAnswer, parseGroupsAnswer, parseMasterAnswer } from '../../codec/conserver-answer.ts';
import { type Client, refused } from './client.ts';
import { ConsoleFailure, lostConnection, SOFTWARE } from './failure.ts';
import { login } from './login.ts';

const GOODBYE = 'goodbye\r\n';
/** Servers that are asked for one console, at most. */
const MAX_REDIRECTS = 12;
/** Ten times what the tables of 10,000 consoles take. */
const MAX_ANSWER_BYTES = 32 << 20;

export interface Place {
  readonly host: string;
  readonly port: number;
}

/**
 * Everything that came before the goodbye; undefined, after a message, when the server could not be asked. Throws ConsoleFailure
 * when it hangs up without a word.
 */
export async function ask(client: Client, place: Place, command: string): Promise<string | undefined> {
  const link = await login(client, place.host, place.port);
  if (link === undefined) {
    return undefined;
  }
  // A server told to end hangs up by itself; if it had not read everything by then, we would lose its answer.
  const ends = command === 'quit';
  link.write(ends ? 'quit\r\n' : `${command}\r\nexit\r\n`);
  let answer = '';
  let line = await link.readLine();
  if (line === undefined) {
    throw lostConnection();
  }
  if (ends) {
    if (line.startsWith('ok')) {
      link.close();
      return line;
    }
    link.write('exit\r\n');
  }
  for (; line !== undefined && line !== GOODBYE; line = await link.readLine()) {
    answer += line;
    if (answer.length > MAX_ANSWER_BYTES) {
      client.warn(`\`${place.host}' answers \`${command}' with more than ${MAX_ANSWER_BYTES >> 20} MB: given up`);
      client.failed('unreachable');
      link.close();
      return undefined;
    }
  }
  link.close();
  return answer;
}

function invalidPorts(client: Client, host: string, answer: string): void {
  client.warn(`invalid port spec for ${host}: \`${answer.trim()}'`);
  client.failed('refused');
}

/** The servers of the site as the first one lists them; without `all` only the first. */
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
    invalidPorts(client, first.host, answer);
    return [];
  }
  return hosts.map((host) => ({ host, port: first.port }));
}

/** The group ports of all those servers, each server asked when its turn comes. */
export async function* groups(client: Client, all: boolean): AsyncGenerator<Place> {
  for (const master of await masters(client, all)) {
    const answer = await ask(client, master, 'groups');
    const ports = answer === undefined ? [] : parseGroupsAnswer(answer);
    if (ports === undefined) {
      invalidPorts(client, master.host, answer as string);
    }
    yield* (ports ?? []).map((port) => ({ host: master.host, port }));
  }
}

/** The group port that serves a console, over all redirections; undefined after a message. Throws ConsoleFailure. */
export async function locate(client: Client, name: string): Promise<Place | undefined> {
  const { portNumber: port } = client.settings;
  let { host } = client.settings;
  for (let level = 0; level < MAX_REDIRECTS; level++) {
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
  throw new ConsoleFailure('forwarding level too deep!', '', SOFTWARE);
}
