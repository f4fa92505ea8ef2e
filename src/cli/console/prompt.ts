/** A line typed on the raw terminal, in the middle of a session (spec/conserver.md 2.8: goto, local command). */
import { fromBytes } from '../../codec/byte-string.ts';
import type { Inbox } from './inbox.ts';

const ERASE = '\b \b';
const MAX_LINE = 8192;

/** Shows `prompt`, echoes, knows erase and ^U. Returns the line; '' also at the end of the input. Server events wait. */
export async function promptLine(inbox: Inbox, prompt: string, out: (text: string) => void): Promise<string> {
  out(prompt);
  let line = '';
  for (;;) {
    const event = await inbox.next(({ from }) => from === 'keys' || from === 'keys-end');
    if (event.from !== 'keys') {
      inbox.unshift(event);
      return '';
    }
    const typed = fromBytes(event.bytes);
    for (let at = 0; at < typed.length; at++) {
      const key = typed[at] as string;
      if (key === '\r' || key === '\n') {
        if (at + 1 < typed.length) {
          inbox.unshift({ from: 'keys', bytes: event.bytes.subarray(at + 1) });
        }
        return line.trim();
      }
      if (key === '\b' || key === '\x7f') {
        out(line === '' ? '' : ERASE);
        line = line.slice(0, -1);
      } else if (key === '\x15') {
        out(ERASE.repeat(line.length));
        line = '';
      } else if (key >= ' ' && line.length < MAX_LINE) {
        out(key);
        line += key;
      }
    }
  }
}
