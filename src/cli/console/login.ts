/** Greeting, encryption and login, which precede every command on every port (spec/conserver.md 2.2, 2.3). */
import { parsePasswordRequest } from '../../codec/conserver-answer.ts';
import { askPassword } from '../../platform/process/ask-password.ts';
import { type Client, refused } from './client.ts';
import { openLink } from './connect.ts';
import { lostConnection } from './failure.ts';
import type { Link } from './link.ts';

const OK = 'ok\r\n';
const TRIES = 3;

/** `reconnect`: not an error, but a new connection is needed. */
type Outcome = 'in' | 'out' | 'wrong password' | 'reconnect';

/**
 * A connection that is logged in; undefined, after a message to the user, when there is none. Throws ConsoleFailure.
 */
export async function login(client: Client, host: string, port: number): Promise<Link | undefined> {
  for (let wrong = 0; wrong < TRIES; ) {
    const link = await openLink(client, host, port);
    if (link === undefined) {
      return undefined;
    }
    const outcome = await introduce(client, link);
    if (outcome === 'in') {
      return link;
    }
    link.close();
    if (outcome === 'out') {
      return undefined;
    }
    wrong += outcome === 'wrong password' ? 1 : 0;
  }
  client.warn(`too many bad passwords for \`${host}'`);
  client.failed('refused');
  return undefined;
}

/** A line that the server must send. */
async function owed(link: Link): Promise<string> {
  const line = await link.readLine();
  if (line === undefined) {
    throw lostConnection();
  }
  return line;
}

async function introduce(client: Client, link: Link): Promise<Outcome> {
  const { settings } = client;
  const out = (text: string): 'out' => {
    refused(client, link.host, text);
    return 'out';
  };
  const greeting = await owed(link);
  if (greeting !== OK) {
    return out(greeting);
  }
  if (settings.encrypt) {
    link.write('ssl\r\n');
    const answer = await owed(link);
    if (answer === OK) {
      // TLS takes 15 ms to load, and most servers do not use it.
      const { encrypt } = await import('./tls.ts');
      if (!(await link.upgrade((socket) => encrypt(socket, link.host, settings)))) {
        return 'reconnect';
      }
    } else if (settings.encryptionRequired) {
      client.warn(`Encryption not supported by server \`${link.host}'`);
      client.failed('refused');
      return 'out';
    }
  }
  link.write(`login ${settings.user}\r\n`);
  const answer = await owed(link);
  const server = parsePasswordRequest(answer);
  if (server === undefined) {
    return answer === OK ? 'in' : out(answer);
  }
  return sendPassword(client, link, server || link.host);
}

async function sendPassword(client: Client, link: Link, server: string): Promise<Outcome> {
  const prompt = `Enter ${client.settings.user}@${server}'s password: `;
  const password = client.password ?? (await askPassword(prompt, client.warn));
  if (password === undefined) {
    client.warn(`could not get password from tty for \`${link.host}'`);
    client.failed('refused');
    return 'out';
  }
  link.writeSecret(`${password}\r\n`);
  const answer = await owed(link);
  if (answer === OK) {
    client.password = password;
    return 'in';
  }
  client.out(`${link.host}: ${answer}`);
  delete client.password;
  return 'wrong password';
}
