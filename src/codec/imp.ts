/**
 * IMPv2 messages on the wire (spec/isis.md 1): `SRC>DST[ body]CR`. Text here is a *byte string*: one
 * character for each byte, code 0 to 255, so that bytes 128 to 255 pass unchanged whatever their encoding.
 */
export interface ImpMessage {
  /** Names as written; `upperCase` makes the form that tables and forwarded headers use. */
  readonly source: string;
  readonly destination: string;
  /** Without the blanks before it; empty is a heartbeat. */
  readonly body: string;
}

/** Largest datagram or line accepted, in bytes with its terminator. */
export const LARGEST_MESSAGE = 4096;
/** The size that the protocol guarantees to every client, in bytes with the CR. */
export const PROTOCOL_MESSAGE = 2048;
export const LONGEST_NAME = 8;

const LF = 10;
const CR = 13;
const BLANK = 32;
const GREATER = 62;

/** Upper-cases ASCII letters only: other bytes may be halves of a UTF-8 character. */
export function upperCase(text: string): string {
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code >= 97 && code <= 122) {
      return text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
    }
  }
  return text;
}

/** A name is 1 to 8 printable characters except blank and `>`. */
export function isName(text: string): boolean {
  if (text.length === 0 || text.length > LONGEST_NAME) {
    return false;
  }
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code <= BLANK || code === GREATER || (code >= 127 && code < 160)) {
      return false;
    }
  }
  return true;
}

/** The text up to the first LF or NUL, without the CRs at its end: agents end messages in CR, LF, both or nothing. */
export function withoutTerminator(text: string): string {
  let end = 0;
  while (end < text.length) {
    const code = text.charCodeAt(end);
    if (code === LF || code === 0) {
      break;
    }
    end += 1;
  }
  while (end > 0 && text.charCodeAt(end - 1) === CR) {
    end -= 1;
  }
  return end === text.length ? text : text.slice(0, end);
}

/** Reads one message whose terminator is gone; undefined when it is malformed (no answer, no log, no table entry). */
export function decodeImp(text: string): ImpMessage | undefined {
  const greater = text.indexOf('>');
  if (greater < 1 || greater > LONGEST_NAME) {
    return undefined;
  }
  let end = text.indexOf(' ', greater);
  if (end < 0) {
    end = text.length;
  }
  const source = text.slice(0, greater);
  const destination = text.slice(greater + 1, end);
  if (!isName(source) || !isName(destination)) {
    return undefined;
  }
  let start = end;
  while (text.charCodeAt(start) === BLANK) {
    start += 1;
  }
  return { source, destination, body: text.slice(start) };
}

/** Writes a message with exactly one CR at its end. */
export function encodeImp(source: string, destination: string, body: string): string {
  return body === '' ? `${source}>${destination}\r` : `${source}>${destination} ${body}\r`;
}

/** The byte string of some bytes. */
export function byteString(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += LARGEST_MESSAGE) {
    text += String.fromCharCode(...bytes.subarray(at, at + LARGEST_MESSAGE));
  }
  return text;
}

/** The bytes of a byte string. */
export function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) {
    bytes[i] = text.charCodeAt(i);
  }
  return bytes;
}
