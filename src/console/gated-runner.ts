/** A host whose starts wait for their turn; everything else goes straight to it. */
import type { Runner } from '../model/runner.ts';

/** `gate` calls what it is given when the turn has come. */
export function gatedHost(host: Runner, gate: (go: () => void) => void): Runner {
  return {
    get handlers() {
      return host.handlers;
    },
    set handlers(handlers) {
      host.handlers = handlers;
    },
    start: (spec) => gate(() => host.start(spec)),
    abandon: () => host.abandon?.(),
    write: (bytes, ends) => host.write(bytes, ends),
    kill: (signal) => host.kill(signal),
    resize: (columns, rows) => host.resize(columns, rows),
    note: (bytes) => host.note(bytes),
  };
}
