/**
 * Names and arguments of Unix are bytes, mostly UTF-8. As text each byte that is not part of UTF-8 is a lone
 * surrogate, U+DC80 to U+DCFF (as in Python's `surrogateescape`), so that it round-trips. The addon produces such text.
 */

const ESCAPE = 0xdc00;
/** By the number of leading ones of the first byte: the smallest code point that needs so many bytes. */
const LEAST = [0, 0, 0x80, 0x800, 0x10000] as const;

export function textOf(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const byte = bytes[at] as number;
    const length = byte < 0x80 ? 1 : Math.clz32(~(byte << 24));
    const code = length === 1 && byte < 0x80 ? byte : sequence(bytes.subarray(at, at + length), length);
    text += code === undefined ? String.fromCharCode(ESCAPE + byte) : String.fromCodePoint(code);
    at += code === undefined ? 1 : length;
  }
  return text;
}

export function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(3 * text.length);
  let length = 0;
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    if (code < 0x80) {
      bytes[length++] = code;
    } else if (code >= ESCAPE + 0x80 && code <= ESCAPE + 0xff) {
      bytes[length++] = code - ESCAPE;
    } else {
      const more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
      bytes[length++] = (0xff00 >> (more + 1)) | (code >> (6 * more));
      for (let shift = 6 * (more - 1); shift >= 0; shift -= 6) {
        bytes[length++] = 0x80 | ((code >> shift) & 0x3f);
      }
    }
  }
  return bytes.subarray(0, length);
}

/** As lines of seven bits have it. */
export function withoutHighBits(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte) => byte & 0x7f);
}

/** The code point of a sequence of several bytes; undefined if it is invalid. */
function sequence(bytes: Uint8Array, length: number): number | undefined {
  const least = LEAST[length];
  if (!least || bytes.length < length || bytes.subarray(1).some((byte) => byte >> 6 !== 2)) {
    return undefined;
  }
  const code = bytes
    .subarray(1)
    .reduce((sum, byte) => (sum << 6) | (byte & 0x3f), (bytes[0] as number) & (0x7f >> length));
  const isSurrogate = code >= 0xd800 && code <= 0xdfff;
  return code < least || code > 0x10ffff || isSurrogate ? undefined : code;
}
