/** When a started child counts as ready: a line of its output, or a port that answers. */
import { connect } from 'node:net';
import type { ConsoleConfig } from '../model/config.ts';
import type { Clock } from '../platform/clock.ts';
import type { Backend } from './backend.ts';
import type { ReadyProbe } from './process-console.ts';

/** How often a port is tried. Milliseconds. */
const PORT_INTERVAL = 250;
/** A pattern is looked for in the last characters of a line that grows without end. */
const LONGEST_LINE = 8192;

export function makeProbe(ready: NonNullable<ConsoleConfig['ready']>, backend: Backend, clock: Clock): ReadyProbe {
  return {
    begin(seen, late) {
      let over = false;
      const end = (then?: () => void) => {
        if (!over) {
          over = true;
          limit.cancel();
          stop();
          then?.();
        }
      };
      const limit = clock.after(ready.within, () => end(late));
      const stop =
        ready.pattern === undefined
          ? tryPort(ready.port as number, clock, () => end(seen))
          : matchLines(new RegExp(ready.pattern), backend, () => end(seen));
      return () => end();
    },
  };
}

/** Looks at every line from now on, an unfinished one included: a prompt has no line end. */
function matchLines(pattern: RegExp, backend: Backend, seen: () => void): () => void {
  let stopped = false;
  let stop = (): void => undefined;
  // Not from what is here: that may end somewhere in the words of an earlier child.
  const from = backend.childStart;
  void backend.read(from).then((giveBack) => {
    if (stopped) {
      giveBack();
      return;
    }
    let line = '';
    const decoder = new TextDecoder();
    const subscription = backend.stream.subscribe(
      {
        write: (bytes) => {
          const lines = (line + decoder.decode(bytes, { stream: true })).split('\n');
          line = (lines.at(-1) as string).slice(-LONGEST_LINE);
          if (lines.some((each) => !each.startsWith('@@@') && pattern.test(each.replace(/\r$/, '')))) {
            queueMicrotask(seen);
          }
          return true;
        },
        missed: () => undefined,
      },
      Math.max(from, backend.stream.ring.tail),
    );
    stop = () => {
      backend.stream.leave(subscription);
      giveBack();
    };
  });
  return () => {
    stopped = true;
    stop();
  };
}

function tryPort(port: number, clock: Clock, seen: () => void): () => void {
  let stopped = false;
  const look = () => {
    if (stopped) {
      return;
    }
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      // Where nobody listens the kernel may give us that very port, and TCP then connects us with ourselves.
      const ourselves = socket.localPort === port;
      socket.destroy();
      if (ourselves) {
        clock.after(PORT_INTERVAL, look);
      } else {
        seen();
      }
    });
    socket.once('error', () => clock.after(PORT_INTERVAL, look));
  };
  look();
  return () => {
    stopped = true;
  };
}
