/**
 * Events as 0.1 wrote them: the actor is one word (`actor`), and many details are only in the text. Converted to
 * today's form, so that a history outlives the upgrade. Pure.
 */
import type { DeathInfo, EventInfo } from '../model/api.ts';
import type { Death } from '../model/death.ts';
import type { HostEvent } from '../model/events.ts';
import { ANONYMOUS, type Principal, SOMEBODY, self, sender } from '../model/principal.ts';

/** Undefined if it is not an event of 0.1 either. */
export function earlierEvent(line: EventInfo, actor: unknown): HostEvent | undefined {
  if (actor !== undefined && typeof actor !== 'string') {
    return undefined;
  }
  const { seq, time, console, type, text, from, to, death } = line;
  const by = actor === undefined ? {} : { by: asked(actor).by };
  const stamp = { seq, time, ...(console === undefined ? {} : { console }) };
  switch (type) {
    case 'state': {
      const cause = /\(([a-z-]+)\)$/.exec(text)?.[1];
      return from && to && cause !== undefined ? { ...stamp, type, from, to, cause, ...by } : undefined;
    }
    case 'started':
      return startOf(stamp, text);
    case 'ended':
      return death && { ...stamp, type, death: askedOfEarlier(death), ...by };
    case 'attached':
    case 'detached':
    case 'writer': {
      const person = personOf(text);
      return person && { ...stamp, type, by: person };
    }
    case 'notStarted':
    case 'login':
      return undefined;
    default:
      return { ...stamp, type, text, ...(actor === 'conserver' ? { by: notedBy(text) } : by) };
  }
}

/** 0.1 gave no person for what its listener wrote about a console: notes, whose text names one, and tasks. */
function notedBy(text: string): Principal {
  const [, user, from] = /^NOTE -- (.+?)@(.+?): /.exec(text) ?? [];
  return user !== undefined && from !== undefined
    ? { user, channel: 'conserver', from, assurance: 'claimed' }
    : self('a task');
}

/** A death, with the principal that requested it. */
export function askedOfEarlier({ asked: who, ...death }: DeathInfo): Death {
  if (death.askedBy || who === undefined) {
    return death;
  }
  const { by, signal } = asked(who);
  return { ...death, askedBy: by, ...(signal === undefined ? {} : { askedSignal: signal }) };
}

function startOf(stamp: Pick<HostEvent, 'seq' | 'time' | 'console'>, text: string): HostEvent | undefined {
  const [, pid, failure] = /^started, pid (\d+)(?:: (.*))?$/s.exec(text) ?? [];
  const reason = /^could not be started: (.*)$/s.exec(text)?.[1];
  if (reason !== undefined) {
    return { ...stamp, type: 'notStarted', reason };
  }
  if (pid === undefined && text !== 'connected') {
    return undefined;
  }
  return { ...stamp, type: 'started', pid: Number(pid ?? 0), ...(failure === undefined ? {} : { failure }) };
}

/** `vera`, `vera@ws12`, `a key of a procServ endpoint (SIGKILL)`, `SIGHUP`. */
function asked(actor: string): { readonly by: Principal; readonly signal?: string } {
  const [, before, signal] = /^(.*) \((SIG[A-Z0-9+-]+)\)$/s.exec(actor) ?? [];
  const who = before ?? actor;
  return { by: principalOf(who), ...(signal === undefined ? {} : { signal }) };
}

function principalOf(who: string): Principal {
  switch (who) {
    case 'a key of a procServ endpoint':
      return ANONYMOUS;
    case 'somebody':
      return SOMEBODY;
    case 'holdfast':
      return self('an earlier server');
    case 'SIGHUP':
    case 'SIGINT':
    case 'SIGTERM':
      return sender(who);
  }
  const at = who.lastIndexOf('@');
  return at > 0
    ? { user: who.slice(0, at), channel: 'conserver', from: who.slice(at + 1), assurance: 'claimed' }
    : { user: who, channel: 'api', from: 'localhost', assurance: 'kernel' };
}

/** `vera (pid 4711, attach) came`. */
function personOf(text: string): Principal | undefined {
  const [, user, place, via] =
    /^(.*) \((.*), (attach|procserv|conserver)\) (?:came|left|has the keyboard)$/s.exec(text) ?? [];
  if (user === undefined || place === undefined) {
    return undefined;
  }
  const pid = /^pid (\d+)$/.exec(place)?.[1];
  const [, address, port] = /^(.*):(\d+)$/.exec(place) ?? [];
  return {
    user,
    channel: via === 'procserv' || via === 'conserver' ? via : 'api',
    from: pid !== undefined || place.startsWith('/') ? 'localhost' : (address ?? place),
    assurance: pid === undefined ? (via === 'conserver' ? 'claimed' : 'none') : 'kernel',
    ...(pid === undefined ? {} : { pid: Number(pid) }),
    ...(port === undefined ? {} : { port: Number(port) }),
  };
}
