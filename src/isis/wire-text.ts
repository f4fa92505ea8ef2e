import type { ImpType, IsisMessage } from '../model/isis-port.ts';
import { stamp } from './stamp.ts';
import type { Traffic } from './surroundings.ts';

const TYPE = /^(?:(PING|PONG)(?= |$)|(EXEC|STATUS|WARNING|DONE|ERROR|FATAL):)/i;

/** The kind of message, by its body. */
export function typeOf(body: string): ImpType {
  const found = TYPE.exec(body);
  return body === '' ? 'heartbeat' : ((found?.[1] ?? found?.[2] ?? 'request').toLowerCase() as ImpType);
}

/** Text for people from the bytes of a message, which most agents mean as ASCII or UTF-8. */
export function shownText(byteString: string): string {
  return Buffer.from(byteString, 'latin1').toString('utf8');
}

/** Encodes a text as the byte string to send. */
export function wireText(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

export function shownMessage({ at, direction, source, destination, body }: Traffic): IsisMessage {
  const [from, to] = [shownText(source), shownText(destination)];
  return { time: `${stamp(at)}Z`, direction, from, to, type: typeOf(body), body: shownText(body) };
}
