/** CR LF in input, which telnet clients send for Return. Pure. */
import { CR, LF } from './ascii.ts';

/**
 * The meaning of a line feed in input. `bytes`: an ordinary byte. `paired`: after a carriage return it is the second
 * half of one Return. `continued`: the same, including one at the very beginning, since the carriage return was sent
 * before.
 */
export type LineEnds = 'bytes' | 'paired' | 'continued';

/** From the second byte on; `continued` alone decides about the first one. */
export function hasPair(input: Uint8Array): boolean {
  for (let at = input.indexOf(LF, 1); at > 0; at = input.indexOf(LF, at + 1)) {
    if (input[at - 1] === CR) {
      return true;
    }
  }
  return false;
}

/** The input with one carriage return for each Return. */
export function withoutSecondHalves(input: Uint8Array, ends: LineEnds): Uint8Array {
  if (ends === 'bytes') {
    return input;
  }
  return input.filter((byte, at) => byte !== LF || (at === 0 ? ends !== 'continued' : input[at - 1] !== CR));
}
