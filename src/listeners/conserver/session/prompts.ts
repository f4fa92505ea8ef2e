/** Prompts of escape commands: a text, some digits, yes or no. */
import type { ConsoleSession, KeyResult } from './session.ts';

const BACKSPACES = [0x08, 0x7f];
const CTRL_U = 0x15;
const RUBOUT = '\b \b';
const LONGEST_TEXT = 8192;

/** A text up to the line end, with echo and the usual corrections. */
export function askText(session: ConsoleSession, done: (text: string) => void): void {
  let text = '';
  session.ask((byte) => {
    if (byte === 0x0d || byte === 0x0a) {
      session.ask(undefined);
      done(text);
    } else if (BACKSPACES.includes(byte)) {
      if (text !== '') {
        text = text.slice(0, -1);
        session.say(RUBOUT);
      }
    } else if (byte === CTRL_U) {
      session.say(RUBOUT.repeat(text.length));
      text = '';
    } else if (text.length < LONGEST_TEXT) {
      text += String.fromCharCode(byte);
      session.say(String.fromCharCode(byte));
    }
    return undefined;
  });
}

/** A number of at most four digits; undefined for an empty one. Other characters are ignored. */
export function askNumber(session: ConsoleSession, done: (value: number | undefined) => void): void {
  let text = '';
  session.ask((byte) => {
    if (byte === 0x0d || byte === 0x0a) {
      session.ask(undefined);
      done(text === '' ? undefined : Number(text));
    } else if (BACKSPACES.includes(byte)) {
      if (text !== '') {
        text = text.slice(0, -1);
        session.say(RUBOUT);
      }
    } else if (byte >= 0x30 && byte <= 0x39 && text.length < 4) {
      text += String.fromCharCode(byte);
      session.say(String.fromCharCode(byte));
    }
    return undefined;
  });
}

/** One byte. */
export function askKey(session: ConsoleSession, done: (byte: number) => KeyResult): void {
  session.ask((byte) => {
    session.ask(undefined);
    return done(byte);
  });
}

/** Continues after a yes, and reports either way. */
export function confirm(session: ConsoleSession, yes: () => KeyResult): void {
  session.say('confirm? [y/N] ');
  askKey(session, (byte) => {
    if (byte === 0x79 || byte === 0x59) {
      session.say('y ');
      return yes();
    }
    session.say('n aborted]\r\n');
    return undefined;
  });
}
