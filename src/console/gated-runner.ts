/** A runner whose starts wait for their turn; everything else is passed on directly. */
import type { Runner } from '../model/runner.ts';

export interface Gate {
  /** Calls `go` when it is its turn. */
  enter(go: () => void): void;
  /** Gives the turn up; returns whether it had not come yet. */
  leave(): boolean;
}

export function gatedRunner(host: Runner, gate: Gate): Runner {
  return {
    get handlers() {
      return host.handlers;
    },
    set handlers(handlers) {
      host.handlers = handlers;
    },
    start: (spec) => gate.enter(() => host.start(spec)),
    abandon() {
      if (gate.leave()) {
        host.handlers.notStarted(new Error('stopped before its turn came'));
      } else {
        host.abandon?.();
      }
    },
    write: (bytes, ends) => host.write(bytes, ends),
    kill: (signal) => host.kill(signal),
    resize: (columns, rows) => host.resize(columns, rows),
    note: (bytes) => host.note(bytes),
  };
}
