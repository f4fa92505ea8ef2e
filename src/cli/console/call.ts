import { parseCallAnswer } from '../../codec/conserver-answer.ts';
import { locate, type Place } from './ask.ts';
import { type Client, refused } from './client.ts';
import { lostConnection } from './failure.ts';
import type { Link } from './link.ts';
import { login } from './login.ts';

/** A joined console: its name, where it is served, and whether we write (or nobody may). */
export interface Joined {
  readonly name: string;
  readonly place: Place;
  readonly link: Link;
  readonly access: 'writing' | 'watching' | 'read-only';
}

/** Finds the console and calls it; undefined after a message. Throws ConsoleFailure. */
export async function call(client: Client, name: string): Promise<Joined | undefined> {
  const place = await locate(client, name);
  const link = place && (await login(client, place.host, place.port));
  if (place === undefined || link === undefined) {
    return undefined;
  }
  link.write(`call ${name}\r\n`);
  const text = await link.readLine();
  if (text === undefined) {
    throw lostConnection();
  }
  const answer = parseCallAnswer(text);
  if (answer.kind === 'attached') {
    return { name, place, link, access: answer.access };
  }
  refused(client, link.host, text);
  link.close();
  return undefined;
}
