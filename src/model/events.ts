/** Events as typed data. They become text only where they are shown (event-text.ts), and text is never parsed. Pure. */
import type { FailedStep, PlanStep } from './config.ts';
import type { Death } from './death.ts';
import type { HolderSilence } from './holder-silence.ts';
import type { Proof } from './login-port.ts';
import type { Principal } from './principal.ts';
import type { ProcessState } from './process.ts';

/** The subject of an entry in the history. */
export const EVENT_MEANING = {
  state: 'a console changed its state, with the event that caused it',
  started: 'a process was started or a link connected; `failure`: what went wrong with it at once',
  notStarted: 'a process could not be started, nor a link connected',
  ended: 'a process or link ended; carries the death with its last lines',
  attached: 'a session began',
  detached: 'a session ended',
  writer: 'the keyboard changed hands',
  note: 'a user left a note in a log, sent a break, or switched the restart policy; an init command ran',
  log: 'a log cannot be opened or written, hangs, loses something, or is written again',
  config: 'the configuration was applied, has changed on disk, or cannot be served',
  isis: 'an ISIS server came up, ended, was sent a message, or reports a line, a host, a drop',
  conserver: 'the conserver listener cannot listen, or refused a client',
  login: 'a login over the network was refused',
  token: 'a token was made or revoked, or the file of the tokens cannot be read or written',
  network: 'the gateway to the network listens, cannot, ended, or a certificate cannot be used',
  server: 'the server came up or goes down',
  holder: 'the holder was lost or found',
} as const;

export type EventType = keyof typeof EVENT_MEANING;

/** Told in words by the part that it happened to. */
export interface Told {
  readonly type: 'note' | 'log' | 'config' | 'isis' | 'conserver' | 'token' | 'network' | 'server' | 'holder';
  readonly text: string;
}

/** An event as fields. */
export type Facts =
  /** `cause`: the event of the table of processes; that of a server of another version may be unknown here. */
  | { readonly type: 'state'; readonly from: ProcessState; readonly to: ProcessState; readonly cause: string }
  /** `pid` 0: a link. */
  | { readonly type: 'started'; readonly pid: number; readonly failure?: string }
  | { readonly type: 'notStarted'; readonly reason: string }
  | { readonly type: 'ended'; readonly death: Death }
  /** `session`: its number; absent where an earlier server did not keep it. */
  | { readonly type: 'attached' | 'detached'; readonly session?: number }
  /** `by` absent: nobody has the keyboard. `before`: who had it, and gave it up; with `by`, it was taken by force. */
  | { readonly type: 'writer'; readonly session?: number; readonly before?: Principal }
  /** `name`: the key of the break, `sequence` as configured. */
  | { readonly type: 'note'; readonly what: 'break'; readonly name: string; readonly sequence: string }
  | { readonly type: 'note'; readonly what: 'mode'; readonly mode: string }
  /** The command that prepares the source runs; `reason`: it has ended, how. */
  | { readonly type: 'note'; readonly what: 'init'; readonly pid: number; readonly reason?: string }
  /** `failed`: what was not applied. */
  | {
      readonly type: 'config';
      readonly what: 'applied';
      readonly steps: readonly PlanStep[];
      readonly failed?: readonly FailedStep[];
    }
  | { readonly type: 'isis'; readonly what: 'sent'; readonly host: string; readonly message: string }
  /** `by`: who it would have been. */
  | { readonly type: 'login'; readonly what: 'refused'; readonly method: Proof['method']; readonly reason: string }
  /** `token`: its id. */
  | {
      readonly type: 'token';
      readonly what: 'made';
      readonly token: string;
      readonly user: string;
      readonly until: string;
    }
  | { readonly type: 'token'; readonly what: 'revoked'; readonly token: string; readonly user: string }
  | {
      readonly type: 'server';
      readonly what: 'up';
      readonly version: string;
      readonly pid: number;
      readonly consoles: number;
    }
  | { readonly type: 'server'; readonly what: 'down'; readonly all: boolean }
  | { readonly type: 'holder'; readonly what: 'lost' }
  /** Processes that live on, and those that ended with the last holder. */
  | { readonly type: 'holder'; readonly what: 'found'; readonly living: number; readonly ended: number }
  | { readonly type: 'holder'; readonly what: 'silent'; readonly silence: HolderSilence }
  | { readonly type: 'holder'; readonly what: 'answers'; readonly afterSeconds: number };

/** Actions on a console that are notes in its history. */
export type Note = Omit<Told, 'type'> | Omit<Extract<Facts, { readonly what: 'break' }>, 'type'>;

type KindOf<Event> = Event extends { readonly type: infer T extends string; readonly what: infer W extends string }
  ? `${T} ${W}`
  : Event extends { readonly type: infer T extends string }
    ? T
    : never;

/** `state`, `note break`: the name of each of them. */
export type FactKind = KindOf<Facts>;

/** An event and its actor; `by` absent: nobody asked for it. `console` absent: the server; `isis.NAME`: an ISIS server. */
export type Happening = (Facts | Told) & { readonly console?: string; readonly by?: Principal };

/** One entry of the history. Times are ISO 8601 with milliseconds, UTC; numbers grow. */
export type HostEvent = Happening & { readonly seq: number; readonly time: string };

/** The types that tell who came, left and has the keyboard. */
export const SESSION_EVENTS: ReadonlySet<EventType> = new Set(['attached', 'detached', 'writer']);
