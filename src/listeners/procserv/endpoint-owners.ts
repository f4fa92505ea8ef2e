/** The owners of endpoint sockets (`unix:USER:GROUP:MODE:PATH`), asked aside: a user directory may not answer. */

import type { Endpoint } from '../../model/endpoint.ts';
import { aside } from '../../platform/aside.ts';
import type { UserEntry } from '../../platform/native.ts';
import { ownerOf } from '../../platform/net/open-endpoint.ts';
import type { Clock } from '../../platform/time/clock.ts';

interface Answer {
  readonly user: UserEntry | undefined;
  readonly group: number | undefined;
}

/** The question is on its way. */
export class OwnerAsked extends Error {
  /** Whether there is no answer yet. */
  readonly still: () => boolean;
  constructor(message: string, still: () => boolean) {
    super(message);
    this.still = still;
  }
}

/** How long an answer is used before it is asked for again; failures are cached too. */
const CACHE_LIFETIME_MS = 30_000;

export class EndpointOwners {
  readonly #answers = new Map<string, { answer: Answer | Error | undefined; until: number }>();
  readonly #answered: () => void;
  readonly #clock: Clock;

  /** `answered` is called when an answer has arrived. */
  constructor(clock: Clock, answered: () => void) {
    this.#clock = clock;
    this.#answered = answered;
  }

  /** Throws OwnerAsked if the answer is pending, otherwise the error about a name. */
  of(endpoint: Endpoint): { readonly uid: number; readonly gid: number } {
    const { user, group } = endpoint.kind === 'unix' ? endpoint : {};
    if (user === undefined && group === undefined) {
      return ownerOf(endpoint);
    }
    const key = JSON.stringify([user, group]);
    let known = this.#answers.get(key);
    if (known === undefined || (known.answer !== undefined && this.#clock.monotonic() > known.until)) {
      known = { answer: undefined, until: 0 };
      this.#answers.set(key, known);
      this.#ask(known, user, group);
    }
    const { answer } = known;
    if (answer === undefined) {
      const asked = known;
      throw new OwnerAsked(
        `the user directory has not answered yet who '${user ?? ''}:${group ?? ''}' is`,
        () => asked.answer === undefined,
      );
    }
    if (answer instanceof Error) {
      throw answer;
    }
    return ownerOf(endpoint, { userByName: () => answer.user, groupByName: () => answer.group });
  }

  #ask(known: { answer: Answer | Error | undefined; until: number }, user?: string, group?: string): void {
    const nobody = Promise.resolve(undefined);
    Promise.all([
      user === undefined ? nobody : aside.userByName(user),
      group === undefined ? nobody : aside.groupByName(group),
    ])
      .then(
        ([entry, gid]): Answer => ({ user: entry, group: gid }),
        (error: Error) => error,
      )
      .then((answer) => {
        known.answer = answer;
        known.until = this.#clock.monotonic() + CACHE_LIFETIME_MS;
        this.#answered();
      });
  }
}
