/** The escape commands, one record each (spec/conserver.md 6, appendix A). */

import { nameCharacter } from '../../../codec/conserver-escape.ts';
import { CONSERVER_VERSION } from '../../../codec/conserver-wire.ts';
import type { Verb } from '../../../model/rights.ts';
import { said } from '../model/remark.ts';
import { onWire, userAtHost } from '../model/rows.ts';
import { sendConfiguredBreak } from './key-break.ts';
import { runTask } from './key-task.ts';
import { askKey, askNumber, askText } from './prompts.ts';
import type { ConsoleSession, KeyAction, KeyResult } from './session.ts';

interface EscapeKey {
  /** Bytes that call it. */
  readonly bytes: string;
  /** As the help shows it; absent: not shown. */
  readonly shown?: string;
  readonly help?: string;
  /** Only for the writer; the answer for others, `unknown` as in 8.2.7. */
  readonly writerOnly?: true;
  /** Not for limited users. */
  readonly unlimited?: true;
  /** Its verb on the console; keys whose verb depends on the state request it themselves. */
  readonly verb?: Verb;
  readonly run: KeyAction;
  /** An action in addition to the refusal, for users without the right. */
  readonly barred?: (session: ConsoleSession) => void;
}

const UNKNOWN = "unknown -- use `?']\r\n";
/** Version of the protocol as a number: major, minor, revision. */
const VERSION_NUMBER = 8_002_007;

/** Answers with a text. */
function answer(text: (session: ConsoleSession) => string): KeyAction {
  return (session) => {
    session.say(`${text(session)}]\r\n`);
    return undefined;
  };
}

/** Answers with a title and rows. */
function table(kind: 'hosts' | 'group' | 'examine' | 'info', title: (session: ConsoleSession) => string): KeyAction {
  return (session) => {
    session.say(`${title(session)}]\r\n${session.services.rows(kind, session.seat)}`);
    return undefined;
  };
}

/** Answers with lines of the log. */
function log(title: string, lines: (session: ConsoleSession) => number): KeyAction {
  return (session) => {
    session.say(`${title}]\r\n`);
    return session.showLog(lines(session));
  };
}

const KEYS: readonly EscapeKey[] = [
  { bytes: '.\x04\x03', shown: '.', help: 'end the session', run: disconnect },
  { bytes: ';', shown: ';', help: 'go to another console', unlimited: true, run: connectOrMove },
  { bytes: 'a', shown: 'a', help: 'attach to write', run: attach },
  { bytes: 'b', shown: 'b', help: 'message to everybody', verb: 'tell', run: broadcast },
  { bytes: 'c', shown: 'c', help: 'flow control on, off', writerOnly: true, verb: 'flow', run: toggleFlow },
  { bytes: 'd', shown: 'd', help: 'take the console down', writerOnly: true, verb: 'stop', run: lineDown },
  { bytes: 'e', shown: 'e', help: 'other escape characters', run: redefine },
  { bytes: 'f', shown: 'f', help: 'attach by force', run: force },
  { bytes: 'g', shown: 'g', help: 'who is on this group', run: table('group', groupTitle) },
  { bytes: 'i', shown: 'i', help: 'everything about the consoles', run: table('info', () => 'info') },
  { bytes: 'L', shown: 'L', help: 'log on, off', writerOnly: true, verb: 'switchLog', run: toggleLog },
  { bytes: '', shown: 'l?', help: 'the breaks that exist', writerOnly: true, run: unknown },
  { bytes: '', shown: 'l0', help: 'send the break', writerOnly: true, run: unknown },
  { bytes: 'l', shown: 'l1-9a-z', help: 'send that break', writerOnly: true, verb: 'break', run: sendConfiguredBreak },
  { bytes: 'm', shown: 'm', help: 'message of the day', run: answer(motd) },
  { bytes: 'n', shown: 'n', help: 'note into the log', verb: 'note', run: note },
  { bytes: 'o', shown: 'o', help: 'reopen line and log', run: reopen },
  { bytes: 'p', shown: 'p', help: 'playback, as many lines as P says', run: log('playback', (s) => s.playback) },
  { bytes: 'P', shown: 'P', help: 'set lines of playback', run: setLines('playback') },
  { bytes: 'r', shown: 'r', help: 'replay, as many lines as R says', run: log('replay', (s) => s.replay) },
  { bytes: 'R', shown: 'R', help: 'set lines of replay', run: setLines('replay') },
  { bytes: '\x12', shown: '^R', help: 'the last line again', run: log('^R', () => 1) },
  { bytes: 's', shown: 's', help: 'only watch', writerOnly: true, run: spy, barred: watch },
  { bytes: 'u', shown: 'u', help: 'state of the consoles', run: table('hosts', () => 'hosts') },
  { bytes: 'v', shown: 'v', help: 'version', run: answer(() => `version \`${CONSERVER_VERSION}'`) },
  { bytes: 'w', shown: 'w', help: 'who is on this console', run: who },
  { bytes: 'x', shown: 'x', help: 'line settings', run: table('examine', () => 'examine') },
  { bytes: 'z\x1a', shown: 'z', help: 'suspend', unlimited: true, run: suspend },
  { bytes: '!', shown: '!', help: 'run a task', writerOnly: true, verb: 'runTask', run: runTask },
  { bytes: '|', shown: '|', help: 'local command here', writerOnly: true, unlimited: true, run: localCommand },
  { bytes: '?h', shown: '?', help: 'this screen', run: help },
  { bytes: '\r\n ', shown: '<cr>', help: 'never mind', run: answer(() => 'ignored') },
  { bytes: '\\', shown: '\\ooo', help: 'send that octal code', run: quote },
  { bytes: '=', run: state },
  { bytes: '\xd6', run: versionNumber },
];

const BY_BYTE = new Map(KEYS.flatMap((key) => [...key.bytes].map((byte) => [byte.charCodeAt(0), key] as const)));

/** The action of a byte after the escape sequence, in this session's current state. */
export function findKey(byte: number, session: ConsoleSession): KeyAction {
  const key = BY_BYTE.get(byte);
  if (key !== undefined && isFor(key, session)) {
    const refusal = key.verb && session.seat.stream.ask(key.verb);
    return refusal ? answer(() => onWire(refusal.message)) : key.run;
  }
  key?.barred?.(session);
  return unknown;
}

function isFor({ bytes, writerOnly, unlimited }: EscapeKey, session: ConsoleSession): boolean {
  // Limited users too connect with `;`; they only do not move.
  const barred = unlimited && session.limited && !(bytes === ';' && !session.connected);
  return !barred && !(writerOnly && !session.writing);
}

function unknown(session: ConsoleSession): KeyResult {
  session.say(UNKNOWN);
  return undefined;
}

function disconnect(session: ConsoleSession): KeyResult {
  session.disconnect();
  return undefined;
}

function connectOrMove(session: ConsoleSession): KeyResult {
  if (session.connected) {
    session.sendAway('goto');
  } else {
    session.say('connected]\r\n');
    session.connect();
  }
  return undefined;
}

function suspend(session: ConsoleSession): KeyResult {
  session.sendAway('suspend');
  return undefined;
}

function localCommand(session: ConsoleSession): KeyResult {
  session.offerCommand();
  return undefined;
}

/** Only before the session is connected. */
function state(session: ConsoleSession): KeyResult {
  if (session.connected) {
    return unknown(session);
  }
  const { state, record } = session.console;
  session.say(state === 'up' ? 'up]\r\n' : `\`${record.name}' -- console is ${state}]\r\n`);
  return undefined;
}

function motd({ console: { record } }: ConsoleSession): string {
  return record.motd === undefined ? '-- MOTD --' : `-- MOTD -- ${record.motd}`;
}

function groupTitle({ services }: ConsoleSession): string {
  return `group ${services.groupName}`;
}

function attach(session: ConsoleSession): KeyResult {
  const { console, seat, writing } = session;
  if (!seat.mayWrite) {
    session.say('read-only]\r\n');
    const refusal = seat.stream.ask('take');
    if (refusal) {
      session.say(`[${onWire(refusal.message)}]\r\n`);
    } else {
      seat.acting.deny('take', `${seat.user} may only read by the lists of conserver`, console.record.name);
    }
  } else if (writing) {
    session.say(`ok${console.log.remark}]\r\n`);
  } else if (console.seats.want(seat)) {
    session.say(`attached${console.log.remark}]\r\n`);
  } else {
    const { writer } = console.seats;
    session.say(`no, ${writer === undefined ? 'somebody' : userAtHost(writer)} is attached]\r\n`);
  }
  return undefined;
}

function force(session: ConsoleSession): KeyResult {
  const { console, seat, writing } = session;
  if (!seat.mayWrite || writing) {
    return attach(session);
  }
  const refusal = console.seats.writer && seat.stream.ask('force');
  if (refusal) {
    session.say(`${onWire(refusal.message)}]\r\n`);
    return undefined;
  }
  const victim = console.seats.force(seat);
  session.say(`${victim === undefined ? 'attached' : `bumped ${userAtHost(victim)}`}${console.log.remark}]\r\n`);
  return undefined;
}

function spy(session: ConsoleSession): KeyResult {
  session.say('spying]\r\n');
  session.console.seats.spy(session.seat);
  return undefined;
}

/** A non-writer stops waiting for the keyboard. */
function watch({ console, seat }: ConsoleSession): void {
  console.seats.spy(seat);
}

/** Only console(1) wants to know. */
function versionNumber(session: ConsoleSession): KeyResult {
  session.asksForKeyboard = true;
  session.say(`${VERSION_NUMBER}]\r\n`);
  return undefined;
}

function broadcast(session: ConsoleSession): KeyResult {
  session.say('Enter message: ');
  askText(session, (text) => {
    session.say(']\r\n');
    session.console.tellAll(said(`${session.userAtHost}: ${text}`));
  });
  return undefined;
}

function note(session: ConsoleSession): KeyResult {
  if (session.console.log.path === undefined) {
    session.say('no log file on this console]\r\n');
    return undefined;
  }
  session.say('Enter note: ');
  askText(session, (text) => {
    session.say(']\r\n');
    session.console.log.note(text, session.seat);
  });
  return undefined;
}

function toggleFlow(session: ConsoleSession): KeyResult {
  try {
    const on = session.console.toggleFlow(session.seat);
    session.say(on === undefined ? 'ok]\r\n' : `ixon ${on ? 'ON' : 'OFF'}]\r\n`);
  } catch {
    session.say('failed]\r\n');
  }
  return undefined;
}

function toggleLog(session: ConsoleSession): KeyResult {
  const { log } = session.console;
  log.toggle(session.seat);
  session.say(`logging ${log.on ? 'on' : 'off'}]\r\n`);
  return undefined;
}

function lineDown(session: ConsoleSession): KeyResult {
  const { console, seat } = session;
  if (console.state === 'down') {
    console.close(seat);
    session.say('ok]\r\n');
    return undefined;
  }
  console.close(seat);
  console.tellAll(said(`line down by ${session.userAtHost}`), seat);
  session.say('line down]\r\n');
  return undefined;
}

async function reopenLine(session: ConsoleSession): Promise<void> {
  const opened = session.console.reopen(session.seat);
  // A network connection takes time, as does the end of a process; the client should know what it waits for.
  const { state: before } = session.console;
  if (before === 'connecting' || before === 'flushing') {
    session.say('connecting...');
  }
  const state = await opened;
  session.say(`${state === 'up' || state === 'initializing' ? 'up' : 'down'}]\r\n`);
}

function reopen(session: ConsoleSession): KeyResult {
  if (!session.writing) {
    session.say('attach to reopen]\r\n');
    return undefined;
  }
  return session.undisturbed(() => reopenLine(session));
}

function redefine(session: ConsoleSession): KeyResult {
  session.say('redef: ');
  askKey(session, (first) => {
    session.say(`${nameCharacter(first)} `);
    askKey(session, (second) => {
      session.escape = { first, second };
      session.say(`${nameCharacter(second)}  ok]\r\n`);
      return undefined;
    });
    return undefined;
  });
  return undefined;
}

function setLines(which: 'playback' | 'replay'): KeyAction {
  return (session) => {
    session.say(`set ${which} (${session[which]}): `);
    askNumber(session, (value) => {
      if (value === undefined) {
        session.say(`${session[which]}`);
      } else {
        session[which] = value;
      }
      session.say(']\r\n');
    });
    return undefined;
  };
}

function who(session: ConsoleSession): KeyResult {
  const { console, services, seat } = session;
  session.say(`who ${console.record.name}]\r\n${services.who(console, seat)}`);
  return undefined;
}

/** Three octal digits, shown as they come. */
function quote(session: ConsoleSession): KeyResult {
  if (!session.writing) {
    session.say('attach to send character]\r\n');
    return undefined;
  }
  session.say('quote \\');
  let digits = '';
  session.ask((byte) => {
    const digit = String.fromCharCode(byte);
    if (!/[0-7]/.test(digit) || !session.writing) {
      session.ask(undefined);
      session.say(' aborted]\r\n');
      return undefined;
    }
    digits += digit;
    session.say(digit);
    if (digits.length === 3) {
      session.ask(undefined);
      session.say(']');
      // A first digit above 3 makes nine bits: the upper one is lost.
      session.seat.stream.write(Uint8Array.of(Number.parseInt(digits, 8) & 0xff));
    }
    return undefined;
  });
  return undefined;
}

function help(session: ConsoleSession): KeyResult {
  const rows = KEYS.filter(
    (key) => key.shown !== undefined && isFor(key, session) && (key.shown !== '\\ooo' || session.writing),
  ).map(({ shown = '', help: text = '' }) => `${shown.padEnd(8)} ${text}`);
  const lines: string[] = [];
  for (let at = 0; at < rows.length; at += 2) {
    lines.push(` ${(rows[at] ?? '').padEnd(44)}${rows[at + 1] ?? ''}`.trimEnd());
  }
  session.say(`help${session.writing ? '' : ' spy mode'}]\r\n${lines.map((line) => `${line}\r\n`).join('')}`);
  return undefined;
}
