/** A host whose starts wait for their turn; everything else goes straight to it. */
import type { ProcessHost } from '../model/process-host.ts';

/** `gate` calls what it is given when the turn has come. */
export function gatedHost(host: ProcessHost, gate: (go: () => void) => void): ProcessHost {
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
