/** A host whose starts wait for their turn; everything else goes straight to it. */
import type { Runner } from '../model/runner.ts';

export interface Gate {
  /** Calls `go` when the turn has come. */
  enter(go: () => void): void;
  /** Gives the turn up; whether it had not come yet. */
  leave(): boolean;
}

export function gatedHost(host: Runner, gate: Gate): Runner {
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
