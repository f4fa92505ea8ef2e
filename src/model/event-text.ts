/** Events and deaths as they are shown: the only place where text is made of them. Pure. */
import type { DeathInfo, EventInfo } from './api.ts';
import type { Death } from './death.ts';
import { type HostEvent, SESSION_EVENTS } from './events.ts';
import { silenceText } from './holder-silence.ts';
import { nameOf, principalText } from './principal.ts';
import { NO_PID } from './process.ts';

/** One line for people, without who did it, but for what is about a person. */
export function eventText(event: HostEvent): string {
  if ('text' in event) {
    return event.text;
  }
  const who = event.by ? principalText(event.by) : 'nobody';
  switch (event.type) {
    case 'state':
      return `${event.from} -> ${event.to} (${event.cause})`;
    case 'started': {
      const failure = event.failure === undefined ? '' : `: ${event.failure}`;
      return `${event.pid === NO_PID ? 'connected' : `started, pid ${event.pid}`}${failure}`;
    }
    case 'notStarted':
      return `could not be started: ${event.reason}`;
    case 'ended':
      return endText(event.death);
    case 'attached':
      return `${who} came`;
    case 'detached':
      return `${who} left`;
    case 'writer':
      return `${who} has the keyboard`;
    case 'note':
      return noteText(event);
    case 'config':
      return `configuration ${appliedText(event)}`;
    case 'isis':
      return `sent to ${event.host}: ${event.message}`;
    case 'login':
      return `login by ${event.method} refused: ${event.reason}`;
    case 'token':
      return event.what === 'made'
        ? `token ${event.token} of ${event.user} made, valid until ${event.until}`
        : `token ${event.token} of ${event.user} revoked`;
    case 'server':
      return serverText(event);
    case 'holder':
      return holderText(event);
  }
}

/** The principal that did it, if its text does not say so. */
export function doerOf({ type, by }: Pick<EventInfo, 'type' | 'by'>): EventInfo['by'] {
  return SESSION_EVENTS.has(type) ? undefined : by;
}

function noteText(event: Exclude<Extract<HostEvent, { type: 'note' }>, { text: string }>): string {
  switch (event.what) {
    case 'break':
      return `break #${event.name} sent: ${event.sequence}`;
    case 'mode':
      return `restart policy switched to ${event.mode}`;
    case 'init':
      return `init command ${event.reason === undefined ? 'started' : 'ended'}, pid ${event.pid}${event.reason === undefined ? '' : `: ${event.reason}`}`;
  }
}

function endText({ code, coreDumped, pid, signal, uptimeSeconds }: Death): string {
  if (pid === NO_PID) {
    return 'connection ended';
  }
  const how =
    signal === null
      ? code === null
        ? ', exit status unknown,'
        : ` with status ${code}`
      : ` by ${signal}${coreDumped ? ', core dumped' : ''}`;
  return `pid ${pid} ended${how} after ${uptimeSeconds} s`;
}

/** `applied: add vac-01, change vac-02; not applied: add vac-03 (why not)`. */
function appliedText({ steps, failed = [] }: Extract<HostEvent, { what: 'applied' }>): string {
  const text = (parts: readonly string[]) => parts.join(', ');
  const done = text(steps.map(({ action, console }) => `${action} ${console}`));
  const left = text(failed.map(({ action, console, reason }) => `${action} ${console} (${reason})`));
  return [...(done === '' ? [] : [`applied: ${done}`]), ...(left === '' ? [] : [`not applied: ${left}`])].join('; ');
}

function serverText(event: Exclude<Extract<HostEvent, { type: 'server' }>, { text: string }>): string {
  if (event.what === 'up') {
    return `holdfast ${event.version} is up, pid ${event.pid}, ${event.consoles} consoles`;
  }
  return event.all ? 'going down with holder and children' : 'going down; the children go on';
}

function holderText(event: Exclude<Extract<HostEvent, { type: 'holder' }>, { text: string }>): string {
  switch (event.what) {
    case 'lost':
      return 'the holder is gone: waiting for the next one';
    case 'found':
      return `there is a holder again: ${event.living} processes live on, ${event.ended} ended with the last one`;
    case 'silent':
      return silenceText(event.silence);
    case 'answers':
      return `the holder answers again, after ${event.afterSeconds} s`;
  }
}

/** As the API gives it, and a line of the history keeps it. */
export function eventInfo(event: HostEvent): EventInfo {
  const text = eventText(event);
  return event.type === 'ended' ? { ...event, text, death: deathInfo(event.death) } : { ...event, text };
}

export function deathInfo(death: Death): DeathInfo {
  const { askedBy, askedSignal } = death;
  const signal = askedSignal === undefined ? '' : ` (${askedSignal})`;
  return { ...death, ...(askedBy ? { asked: `${nameOf(askedBy)}${signal}` } : {}) };
}
