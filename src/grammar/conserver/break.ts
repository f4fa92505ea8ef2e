/**
 * Break sequences of conserver.cf (spec/conserver.md 7.2): text to send, with pauses and line breaks (BRK) in between.
 */
import { unescapeText } from './values.ts';

/** A byte string, a pause of the sequence's delay, or a break as the line knows it. */
export type BreakStep = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'delay' | 'break' };

/** `\d` and `\z` apart, the rest as `unescapeText` reads it. Never throws. */
export function parseBreak(string: string): BreakStep[] {
  const steps: BreakStep[] = [];
  let text = '';
  const flush = () => {
    if (text !== '') {
      steps.push({ kind: 'text', text: unescapeText(text) });
      text = '';
    }
  };
  for (const [part] of string.matchAll(/\\[0-7]{1,3}|\\.|\^.|./gs)) {
    if (part === '\\d' || part === '\\z') {
      flush();
      steps.push({ kind: part === '\\d' ? 'delay' : 'break' });
    } else {
      text += part;
    }
  }
  flush();
  return steps;
}
