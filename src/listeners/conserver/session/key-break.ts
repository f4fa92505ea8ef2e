/** `^Ecl`: breaks (spec/conserver.md 6). */

import type { BreakRecord } from '../../../grammar/conserver/records.ts';
import { said } from '../model/remark.ts';
import { askKey, confirm } from './prompts.ts';
import type { ConsoleSession, KeyResult } from './session.ts';

/** Asks which; `?` lists them. */
export function sendConfiguredBreak(session: ConsoleSession): KeyResult {
  session.say('halt ');
  askKey(session, (byte) => {
    const id = String.fromCharCode(byte);
    if (id === '?') {
      session.say(`list]\r\n${list(session)}`);
    } else if (!/[0-9a-z]/.test(id)) {
      session.say('aborted]\r\n');
    } else {
      return choose(session, id);
    }
    return undefined;
  });
  return undefined;
}

function choose(session: ConsoleSession, id: string): KeyResult {
  const found = find(session, id);
  if (found === undefined) {
    session.say('undefined]\r\n');
    return undefined;
  }
  const send = (): KeyResult => {
    if (!session.writing) {
      // Somebody else took the keyboard in the meantime.
      session.say('aborted]\r\n');
      return undefined;
    }
    session.console.tellAll(said(`break sent by ${session.userAtHost}`), session.seat);
    session.say('sent]\r\n');
    return sendBreak(session, id === '0' ? `0(${session.console.record.break})` : id, found);
  };
  if (!found.confirm) {
    return send();
  }
  confirm(session, send);
  return undefined;
}

async function sendBreak(session: ConsoleSession, shown: string, found: BreakRecord): Promise<void> {
  const why = await session.console.sendBreak(shown, found, session.seat);
  if (why !== undefined) {
    session.say(`[break not sent: ${why}]\r\n`);
  }
}

/** `0` is the break of the console; the others must be on its list. */
function find({ console: { record }, services }: ConsoleSession, id: string): BreakRecord | undefined {
  const breaks = services.breaks();
  if (id === '0') {
    return breaks.get(record.break);
  }
  return record.breaklist === '*' || record.breaklist.includes(id) ? breaks.get(id) : undefined;
}

function list(session: ConsoleSession): string {
  const { record } = session.console;
  // Shown if it is on the list, sent in any case.
  const listed = record.breaklist === '*' || record.breaklist.includes(record.break);
  const own = listed ? find(session, '0') : undefined;
  const ids = [...session.services.breaks().keys()].sort();
  const rows = ids.flatMap((id) => {
    const found = find(session, id);
    return found === undefined ? [] : [row(id, found)];
  });
  return [own === undefined ? ' 0 -   0ms, <undefined>' : row('0', own), ...rows].map((text) => `${text}\r\n`).join('');
}

function row(id: string, { string, delay }: BreakRecord): string {
  return ` ${id} - ${String(delay).padStart(3)}ms, \`${string}'`;
}
