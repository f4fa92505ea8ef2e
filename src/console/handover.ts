/** The handover of a console from one server to the next. */
import type { Backend } from '../model/backend.ts';
import type { KeptConsole } from '../model/holder-protocol.ts';
import { isUp, type ProcessEvent } from '../model/process.ts';
import type { RestartPolicy, Transition } from '../model/supervision.ts';
import type { Lives } from './lives.ts';
import { type Memo, readMemo, stateOfChild } from './memo.ts';
import type { ProcessConsole } from './process-console.ts';

export interface HandoverParts {
  readonly backend: Backend;
  readonly supervised: ProcessConsole;
  readonly lives: Lives;
  /** The restart mode as configured now. */
  readonly configured: () => RestartPolicy['mode'];
  /** Whether it is held, and whether a new console starts. */
  readonly held: () => boolean;
  readonly startsNew: () => boolean;
  /** Receives reports of invalid memos. */
  readonly trouble: (text: string) => void;
}

export class Handover {
  readonly #parts: HandoverParts;
  /** The cause of the console's state. */
  #cause: ProcessEvent = 'stop';

  constructor(parts: HandoverParts) {
    this.#parts = parts;
  }

  /** Continues from the last server, with the holder's data; a console that is new to it is started if configured. */
  begin({ memo, pid, startedAt, offset, end }: KeptConsole): void {
    const { backend, supervised, lives, held, startsNew, trouble } = this.#parts;
    const { supervisor } = supervised;
    const kept = readMemo(memo, trouble);
    this.#recall(kept);
    if (pid !== undefined && startedAt !== undefined) {
      lives.since = kept?.since ?? startedAt;
      supervised.adopt(pid, startedAt, stateOfChild(kept, offset !== undefined));
      this.#stopFurther(kept);
    } else if (end && kept && isUp(kept.state)) {
      // It ended while no server was there to see it.
      supervised.adopt(end.pid, end.startedAt, 'running');
      this.#stopFurther(kept);
      backend.handlers.ended(end);
    } else if (held() && kept?.state !== 'held') {
      supervisor.hold();
    } else if (kept ? isUp(kept.state) : startsNew()) {
      supervisor.resume();
      this.#stopFurther(kept);
    } else if (kept) {
      lives.since = kept.since;
      supervisor.adopt(kept.state, kept.since);
    }
    backend.listen();
  }

  #recall(kept: Memo | undefined): void {
    if (!kept) {
      return;
    }
    const { lives, supervised } = this.#parts;
    const { supervisor } = supervised;
    const { mode } = supervisor.policy;
    supervisor.policy = { ...supervisor.policy, mode: (kept.configured ?? mode) === mode ? kept.mode : mode };
    supervisor.crashes = kept.crashes ?? supervisor.crashes;
    this.#cause = kept.event;
    lives.recount(kept.restarts ?? 0);
  }

  /** The last server had begun to stop it: the recipe starts again, with the same goal. */
  #stopFurther(kept: Memo | undefined): void {
    const { held, supervised } = this.#parts;
    if (held()) {
      supervised.supervisor.hold();
    } else if (kept?.state === 'stopping') {
      if (kept.event === 'restart') {
        supervised.supervisor.restart();
      } else {
        supervised.supervisor.stop();
      }
    }
  }

  changed({ event }: Transition): void {
    this.#cause = event;
    this.remember();
  }

  /** For the next server; if it is stopping, `event` says what follows. */
  remember(): void {
    const { backend, configured, lives, supervised } = this.#parts;
    const { crashes, policy, state, stopFor } = supervised.supervisor;
    const event = stopFor ?? this.#cause;
    const memo: Memo = {
      ...{ mode: policy.mode, configured: configured(), state, event, since: lives.since },
      restarts: lives.restarts.total,
      crashes,
    };
    backend.remember(JSON.stringify(memo));
  }
}
