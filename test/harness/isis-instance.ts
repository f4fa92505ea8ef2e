/** A whole server in this process, and its events. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { IsisInstance } from '../../src/isis/instance.ts';
import type { IsisEvent } from '../../src/isis/surroundings.ts';
import { defaultIsisConfig, type IsisConfig } from '../../src/model/isis-config.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { MicrosecondClock } from '../../src/platform/time/microsecond-clock.ts';
import { atEnd } from './at-end.ts';

export interface Running {
  readonly instance: IsisInstance;
  readonly port: number;
  readonly events: IsisEvent[];
  /** Resolves with the first event of this kind, including earlier ones. */
  event(kind: IsisEvent['kind']): Promise<IsisEvent>;
}

/** It is closed with the test. */
export async function serve(t: TestContext, changes: Partial<IsisConfig> = {}): Promise<Running> {
  const events: IsisEvent[] = [];
  const waiting: { kind: string; found: (event: IsisEvent) => void }[] = [];
  const instance = await IsisInstance.open({
    config: { ...defaultIsisConfig(), listen: '127.0.0.1', log: false, ...changes },
    rcFile: 'none',
    about: { version: '1', program: 'isis', user: 'u', hostName: 'h', date: 'd', time: 't', console: false },
    clock: new MicrosecondClock(),
    timers: systemClock,
    event: (event) => {
      events.push(event);
      for (const { kind, found } of waiting) {
        if (kind === event.kind) {
          found(event);
        }
      }
    },
    complain: assert.fail,
    onQuit: assert.fail,
  });
  atEnd(t, () => instance.close());
  return {
    instance,
    port: instance.server.port,
    events,
    event: (kind) => {
      const before = events.find((event) => event.kind === kind);
      return before ? Promise.resolve(before) : new Promise((found) => waiting.push({ kind, found }));
    },
  };
}
