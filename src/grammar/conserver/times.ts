/** Times and sizes of conserver.cf (spec/conserver.md 7.2). */
import type { Timestamp } from './records.ts';

type Parsed<Value> = { readonly value: Value } | { readonly fault: string };

const MINUTES: Readonly<Record<string, number>> = { m: 1, h: 60, d: 1440 };
const MIN_LOG = 2048;

/** `[n[m|h|d|l]][a][b][t]`, with blanks anywhere. */
export function parseTimestamp(text: string): Parsed<Timestamp> {
  let every: Timestamp['every'];
  let letters = '';
  for (const [part, digits = '', letter = ''] of text
    .toLowerCase()
    .replace(/\s/g, '')
    .matchAll(/(\d*)([^\d]?)/g)) {
    if (part === '') {
      continue;
    }
    if (letter !== '' && !'mhdlabt'.includes(letter)) {
      return { fault: `timestamp \`${text}' has an unknown \`${letter}'` };
    }
    if (letter !== '' && 'abt'.includes(letter)) {
      if (digits !== '') {
        return { fault: `timestamp \`${text}' has a number before \`${letter}'` };
      }
      letters += letter;
      continue;
    }
    if (digits === '') {
      return { fault: `timestamp \`${text}' has no number before \`${letter}'` };
    }
    const count = Number(digits.slice(0, 9));
    every = letter === 'l' ? { count, unit: 'lines' } : { count: count * (MINUTES[letter] ?? 1), unit: 'minutes' };
  }
  return {
    value: {
      ...(every !== undefined && every.count > 0 && { every }),
      activity: letters.includes('a'),
      breaks: letters.includes('b'),
      tasks: letters.includes('t'),
    },
  };
}

/** `n`, `nk`, `nm` bytes, at least 2K. */
export function parseBytes(text: string): Parsed<number> {
  const parts = /^(\d{1,9})([kKmM]?)$/.exec(text);
  const unit = parts?.[2]?.toLowerCase();
  const bytes = parts === null ? 0 : Number(parts[1]) * (unit === 'k' ? 1024 : unit === 'm' ? 1024 * 1024 : 1);
  return bytes >= MIN_LOG ? { value: bytes } : { fault: `\`${text}' is not a size n, nk or nm of at least 2k` };
}

/** `n`, `ns`, `nm`, `nh` in seconds. */
export function parseSeconds(text: string): Parsed<number> {
  const parts = /^(\d{1,9})([smhSMH]?)$/.exec(text);
  if (parts === null) {
    return { fault: `\`${text}' is not a time n, ns, nm or nh` };
  }
  const unit = parts[2]?.toLowerCase();
  return { value: Number(parts[1]) * (unit === 'h' ? 3600 : unit === 'm' ? 60 : 1) };
}
