/** Notation of keys on a command line and in messages (spec/procserv.md 1.2, 6.3), without the defect of spec/procserv.md 13.9. */
import { bytesOf, textOf } from './byte-text.ts';

const DELETE = 0x7f;

/** The control code that `^` + `character` means, or undefined: `^A`..`^_`, `^a`..`^z`, `^@`, `^?`. */
function controlCode(character: string): number | undefined {
  if (character === '?') {
    return DELETE;
  }
  const code = character.toUpperCase().charCodeAt(0);
  return code >= 0x40 && code <= 0x5f && character !== '^' ? code - 0x40 : undefined;
}

/** One character for each byte: keys are distinguished by byte. */
function keyCharacters(spec: string): string {
  return String.fromCharCode(...bytesOf(spec));
}

/** The first key of `spec` and the number of characters it took; undefined for an empty text. */
function firstKey(spec: string): { code: number; length: number } | undefined {
  if (spec === '') {
    return undefined;
  }
  if (spec[0] === '^' && spec.length > 1) {
    if (spec[1] === '^') {
      return { code: 0x5e, length: 2 };
    }
    const code = controlCode(spec[1] as string);
    if (code !== undefined) {
      return { code, length: 2 };
    }
  }
  return { code: spec.charCodeAt(0), length: 1 };
}

/** One key: only the first counts; an empty text means "no key". `^^` is a caret, `^` + anything unknown a caret too. */
export function parseKey(spec: string): number | undefined {
  return firstKey(keyCharacters(spec))?.code;
}

/** A set of keys, as of `--ignore`. */
export function parseKeys(spec: string): Set<number> {
  const keys = new Set<number>();
  for (let rest = keyCharacters(spec), key = firstKey(rest); key; key = firstKey(rest)) {
    keys.add(key.code);
    rest = rest.slice(key.length);
  }
  return keys;
}

/** A key as messages show it: control codes with a caret, anything else unchanged. */
export function keyName(code: number): string {
  if (code === DELETE) {
    return '^?';
  }
  return code < 0x20 ? `^${String.fromCharCode(code + 0x40)}` : textOf(Uint8Array.of(code));
}
