/** When a started child counts as ready: a line of its output, or a port that answers. */
import { connect } from 'node:net';
import type { Backend } from '../model/backend.ts';
import type { ConsoleConfig } from '../model/config.ts';
import { VisibleLines } from '../model/visible-lines.ts';
import type { MatchLines } from '../platform/line-matcher.ts';
import type { Clock } from '../platform/time/clock.ts';
import type { ReadyProbe } from './readiness.ts';
import type { ReadyPatterns } from './ready-patterns.ts';

/** Milliseconds between attempts to connect to a port. */
const PORT_INTERVAL_MS = 250;

export interface ReadyProbeParts {
  readonly backend: Backend;
  readonly clock: Clock;
  readonly patterns: ReadyPatterns;
  /** Reports that the pattern is not searched, with the reason: the child will be late. */
  readonly blind: (why: Error) => void;
}

export function makeProbe(ready: NonNullable<ConsoleConfig['ready']>, parts: ReadyProbeParts): ReadyProbe {
  const { backend, blind, clock, patterns } = parts;
  const look = (seen: () => void): (() => void) => {
    if (ready.pattern === undefined) {
      return tryPort(ready.port as number, clock, seen);
    }
    try {
      return matchLines(patterns.begin(ready.pattern), backend, seen, blind);
    } catch (error) {
      blind(error as Error);
      return () => undefined;
    }
  };
  return {
    begin(seen, late, age) {
      let over = false;
      const end = (then?: () => void) => {
        if (!over) {
          over = true;
          limit.cancel();
          stop();
          then?.();
        }
      };
      const limit = clock.after(ready.within - age, () => end(late));
      const stop = look(() => end(seen));
      return () => end();
    },
  };
}

/** Checks every line from now on as a person sees it, including an unfinished one: a prompt has no line end. */
function matchLines(match: MatchLines, backend: Backend, seen: () => void, blind: (why: Error) => void): () => void {
  let stopped = false;
  let leave = (): void => undefined;
  const stop = () => {
    stopped = true;
    leave();
  };
  // Not from the available output: that may end within the output of an earlier child.
  const from = backend.childStart;
  void backend.read(from).then((release) => {
    if (stopped) {
      release();
      return;
    }
    let said: string[] = [];
    const hear = (line: string) => {
      if (!line.startsWith('@@@')) {
        said.push(line);
      }
    };
    const lines = new VisibleLines(hear, hear);
    const decoder = new TextDecoder();
    const look = (bytes: Uint8Array) => {
      said = [];
      lines.feed(decoder.decode(bytes, { stream: true }));
      hear(lines.line);
      try {
        if (match(said).includes(true)) {
          seen();
        }
      } catch (error) {
        stop();
        blind(error as Error);
      }
    };
    const subscription = backend.stream.subscribe(
      {
        write: (bytes) => {
          // Not now: a match stops the reading, which has not quite begun.
          queueMicrotask(() => {
            if (!stopped) {
              look(bytes);
            }
          });
          return true;
        },
        missed: () => undefined,
      },
      Math.max(from, backend.stream.ring.tail),
    );
    leave = () => {
      backend.stream.leave(subscription);
      release();
    };
  });
  return stop;
}

function tryPort(port: number, clock: Clock, seen: () => void): () => void {
  let stopped = false;
  const look = () => {
    if (stopped) {
      return;
    }
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      // If nothing listens the kernel may give us that same port, and TCP then connects us to ourselves.
      const ourselves = socket.localPort === port;
      socket.destroy();
      if (ourselves) {
        clock.after(PORT_INTERVAL_MS, look);
      } else {
        seen();
      }
    });
    socket.once('error', () => clock.after(PORT_INTERVAL_MS, look));
  };
  look();
  return () => {
    stopped = true;
  };
}
