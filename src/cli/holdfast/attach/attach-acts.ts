/** Start, stop, restart, hold and release from inside `holdfast attach`. Disruptive acts are confirmed first. */
import type { HostClient } from '../../../model/host-port.ts';
import { isUp } from '../../../model/process.ts';
import type { Verb } from '../../../model/rights.ts';
import { withLocalTimes } from '../text/times.ts';
import type { Asking } from './attach-dialog.ts';

/** Whether a rule wants a reason; `forbidden`: no rule gives the right. */
export type Wanted = 'asked' | 'required' | 'forbidden' | undefined;

export interface ActParts {
  readonly client: Pick<HostClient, 'detail' | 'start' | 'stop' | 'restart' | 'hold' | 'release'>;
  readonly name: string;
  readonly wanted: (verb: Verb) => Promise<Wanted>;
  readonly say: (text: string) => void;
  /** Something is about to be done here; false: it was not. */
  readonly acting: (is: boolean) => void;
  /** The keys that end a hold: `^] h`. */
  readonly holdKey: string;
}

type Act = 'start' | 'stop' | 'restart' | 'hold' | 'release';

/** A question before it, where it hurts. */
const QUESTION: Readonly<Record<Act, string | undefined>> = {
  start: undefined,
  stop: 'stop it?',
  restart: 'restart it?',
  hold: undefined,
  release: 'end its hold? It may start at once.',
};

const NOTHING = 'nothing was done';

export class AttachActs {
  readonly #parts: ActParts;

  constructor(parts: ActParts) {
    this.#parts = parts;
  }

  /** By the key: what it does depends on the state. */
  async act(key: 'start' | 'restart' | 'hold', ask: Asking): Promise<void> {
    const { acting, client, holdKey, name, say } = this.#parts;
    try {
      const { hold, state } = await client.detail(name);
      const isHeld = hold !== undefined || state === 'held';
      if (key === 'hold') {
        await this.#do(isHeld ? 'release' : 'hold', ask);
      } else if (isHeld) {
        say(`${name} is held: ${holdKey} ends the hold`);
      } else if (key === 'start' && state === 'stopping') {
        say(`${name} is being stopped`);
      } else {
        await this.#do(key === 'start' && isUp(state) ? 'stop' : key, ask);
      }
    } catch (error) {
      acting(false);
      say(`${NOTHING}: ${withLocalTimes((error as Error).message)}`);
    }
  }

  /** Why the keyboard is to be taken; false: it is not. */
  async whyTake(verb: 'take' | 'force', ask: Asking): Promise<string | undefined | false> {
    const wanted = await this.#parts.wanted(verb).catch(() => undefined);
    if (wanted !== 'asked' && wanted !== 'required') {
      return undefined;
    }
    const reason = await ask.line(`why do you take the keyboard?${may(wanted)}`);
    if (reason === undefined && wanted === 'required') {
      this.#parts.say(`it takes a reason: ${NOTHING}`);
      return false;
    }
    return reason;
  }

  async #do(act: Act, ask: Asking): Promise<void> {
    const { acting, client, name, say, wanted } = this.#parts;
    const reason = await this.#reason(act, await wanted(act), ask);
    if (reason === false) {
      say(NOTHING);
      return;
    }
    acting(true);
    const { state } =
      act === 'hold' ? await client.hold(name, reason ?? '', undefined) : await client[act](name, reason);
    say(`${act}: ${name} is ${state}`);
  }

  /** False: it is not to be done. */
  async #reason(act: Act, wanted: Wanted, ask: Asking): Promise<string | undefined | false> {
    const { name } = this.#parts;
    if (wanted === 'forbidden') {
      throw new Error(`you may not ${act} ${name}; 'holdfast access ${name}' says who may`);
    }
    if (act === 'hold') {
      return (await ask.line(`hold ${name} down: why? (empty: do not)`)) ?? false;
    }
    const question = QUESTION[act];
    if (wanted === 'required') {
      return (await ask.line(`${question ?? `${act} it:`} why? (empty: do not)`)) ?? false;
    }
    if (question !== undefined && !(await ask.yes(`${name}: ${question}`))) {
      return false;
    }
    return wanted === 'asked' ? ask.line(`why?${may(wanted)}`) : undefined;
  }
}

function may(wanted: 'asked' | 'required'): string {
  return wanted === 'asked' ? ' (may be empty)' : '';
}
