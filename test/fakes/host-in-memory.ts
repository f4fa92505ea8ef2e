/** A `ConsoleHost` without processes, files or a holder: configurations are texts, backends are driven by the test. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { inspect } from 'node:util';
import { holdfastToml } from '../../src/grammar/holdfast/holdfast-toml.ts';
import { ConfigTables } from '../../src/grammar/holdfast/tables.ts';
import { ConsoleHost } from '../../src/host/console-host.ts';
import { EventLog } from '../../src/host/event-log.ts';
import { Events } from '../../src/host/events.ts';
import { type Backend, NO_DESCRIPTORS } from '../../src/model/backend.ts';
import type { HostConfig } from '../../src/model/config.ts';
import { eventText } from '../../src/model/event-text.ts';
import type { KeptConsole } from '../../src/model/holder-protocol.ts';
import type { HostService } from '../../src/model/host-service.ts';
import { OutputRing } from '../../src/model/output-ring.ts';
import { OutputStream } from '../../src/model/output-stream.ts';
import { atEnd } from '../harness/at-end.ts';
import { FakeClock } from './fake-clock.ts';

/** A configuration of consoles from their lines; they do not start. */
export function configOf(consoles: Readonly<Record<string, string>>, more = ''): HostConfig {
  const table = ([name, lines]: [string, string]) => `[console.${name}]\nrun = ["x"]\nstart = false\n${lines}\n`;
  const text = `${more}\n${Object.entries(consoles).map(table).join('')}`;
  const tables = new ConfigTables([{ file: '/etc/holdfast.toml', text }]);
  const directories = { runtimeDir: '/run/h', stateDir: '/var/lib/h' };
  const { config, problems } = holdfastToml({ tables, directories, found: new Map() });
  assert.deepEqual(problems, undefined);
  return config as HostConfig;
}

export class HostInMemory {
  /** The configuration on disk. */
  onDisk: HostConfig;
  /** The step that fails, by console: creating it, its next log, or nothing. */
  readonly faults = new Map<string, 'open' | 'log'>();
  /** Backends that were closed, in order. */
  readonly closed: string[] = [];
  /** The results of applying the files. */
  readonly applied: boolean[] = [];
  readonly clock = new FakeClock();
  readonly events: Events;
  readonly history: EventLog;
  readonly host: ConsoleHost;

  constructor(t: TestContext, first: HostConfig, services: readonly HostService[] = []) {
    this.onDisk = first;
    const folder = mkdtempSync(join(tmpdir(), 'host-in-memory-'));
    this.history = new EventLog(folder, () => 1 << 20, assert.fail);
    this.events = new Events(() => this.clock.now(), 0);
    this.events.listen((event) => this.history.add(event));
    atEnd(t, async () => {
      await this.history.flush();
      rmSync(folder, { recursive: true });
    });
    this.host = new ConsoleHost({
      config: first,
      files: {
        load: async () => ({
          config: this.onDisk,
          problems: [],
          warnings: [],
          digest: inspect(this.onDisk, { depth: 9 }),
        }),
        applied: (_, whole) => void this.applied.push(whole),
      },
      events: this.events,
      history: this.history,
      holds: { read: async () => ({ holds: new Map(), doubtful: false }), write: async () => undefined },
      about: { tell: () => assert.fail('nobody asks for the version') },
      backends: {
        openBackend: (name) => ({ backend: this.#backend(name), kept: this.#kept(name) }),
        refreshLines: async () => undefined,
        resources: async () => new Map(),
        silence: undefined,
        mustAnswer: async () => undefined,
        reopenLogs: () => undefined,
      },
      childSpec: () => assert.fail('nothing is started'),
      openSerial: () => assert.fail('there is no serial line'),
      makeCodec: () => assert.fail('there is no telnet'),
      clock: this.clock,
      memoryRanOut: () => false,
    });
    this.host.serve(services);
  }

  /** Texts of the history about the configuration. */
  get told(): readonly string[] {
    return this.history.recent.flatMap((event) => (event.type === 'config' ? [eventText(event)] : []));
  }

  async #kept(name: string): Promise<KeptConsole> {
    if (this.faults.get(name) === 'open') {
      throw new Error('the holder has no room for it');
    }
    return { id: 1, name, offset: 0, memo: '' } as unknown as KeptConsole;
  }

  #backend(name: string): Backend {
    const ring = new OutputRing({ keep: 4096, most: 4096 });
    const handlers = {} as Backend['handlers'];
    return {
      handlers,
      stream: new OutputStream(ring, this.clock.monotonic.bind(this.clock)),
      childStart: 0,
      logState: undefined,
      descriptors: NO_DESCRIPTORS,
      listen: () => undefined,
      read: async () => () => undefined,
      feed: () => true,
      remember: () => undefined,
      forgetEnd: () => undefined,
      lineNow: '',
      lastLine: async () => '',
      resources: () => Promise.reject(new Error('no processes')),
      setLog: async () => {
        if (this.faults.get(name) === 'log') {
          throw new Error('the log cannot be moved');
        }
      },
      close: async () => void this.closed.push(name),
      start: () => assert.fail(`${name} is started`),
      write: () => true,
      kill: () => false,
      resize: () => undefined,
      note: () => undefined,
      mark: () => undefined,
      setLogging: () => true,
      setFlow: () => false,
    };
  }
}
