/**
 * The holder: owns the terminals, is the parent of the children, writes their logs. It decides nothing, so that it need
 * not be restarted. One server at a time controls it; without one it goes on reading and writing.
 */
import { closeSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { consoleData, FRAME, frame } from '../codec/holder-frames.ts';
import type { HolderEvent, HolderRequest } from '../model/holder-protocol.ts';
import type { MemoryBudget } from '../model/memory-budget.ts';
import type { Clock } from '../platform/time/clock.ts';
import type { ChildKernel } from '../terminal/child-kernel.ts';
import type { LogWriter } from '../terminal/log-writer.ts';
import { allResources } from './all-resources.ts';
import { Cgroups } from './cgroups.ts';
import type { KeptTerminal } from './child-keeper.ts';
import { HolderConsole, type HolderConsoleDeps, type JournalOf } from './holder-console.ts';
import { LineTeller, lineOf } from './line-teller.ts';
import { Reception, type Server } from './reception.ts';
import type { Records, SavedRecord } from './records.ts';
import { oldKeyOf, prefixOf, type TerminalStore } from './terminal-store.ts';
import type { Troubles } from './troubles.ts';

export interface HolderParts {
  readonly version: string;
  readonly writer: LogWriter;
  readonly clock: Clock;
  /** Takes the output of a console, by name, to the journal. */
  readonly journal?: JournalOf;
  /** A cgroup for each console, or why there is none. */
  readonly cgroups: Cgroups | { readonly missing: string };
  /** Both if something keeps terminals beyond our death. */
  readonly records?: Records;
  readonly store?: TerminalStore;
  readonly troubles?: Troubles;
  readonly budget?: MemoryBudget;
  /** Absent: the kernel of this machine. */
  readonly kernel?: ChildKernel;
  /** Everything is done: the process may end. */
  readonly finished: () => void;
}

/**
 * A server for which this much waits is disconnected: lasting facts are in the answers that it requests when it comes
 * back.
 */
const MAX_WAITING_BYTES = 64 << 20;

export class Holder {
  readonly #parts: HolderParts;
  readonly #consoles = new Map<number, HolderConsole>();
  readonly #reception: Reception;
  /** Of the last server that asked. */
  #lines: LineTeller | undefined;
  #nextId = 1;
  #ending = false;

  constructor(parts: HolderParts) {
    this.#parts = parts;
    const { clock, troubles, version } = parts;
    if (troubles) {
      troubles.hear = (message) => this.#tell({ event: 'trouble', console: 0, message });
    }
    const startedAt = clock.now();
    this.#reception = new Reception({
      ...{ version, startedAt, clock },
      take: (server, type, payload) => this.#take(server, type, payload),
    });
  }

  /**
   * Continues with the consoles of a dead holder; `terminals`: the descriptors of their children from the store, by
   * key.
   */
  takeOver(terminals: ReadonlyMap<string, KeptTerminal>): void {
    const { cgroups, records, store } = this.#parts;
    const unclaimed = new Map(terminals);
    const { found, senseless } = records?.take() ?? { found: [], senseless: [] };
    for (const { saved, head, record } of found) {
      const key = saved.key ?? (saved.child && oldKeyOf(saved.child)) ?? '';
      const take = () => this.#make(saved.name, head, record).takeOver(saved, unclaimed.get(key));
      if (this.#succeeds(saved.name, take)) {
        unclaimed.delete(key);
      }
    }
    for (const [key, terminal] of unclaimed) {
      if (this.#succeeds(key, () => this.#takeUp(key, terminal, senseless))) {
        unclaimed.delete(key);
      }
    }
    for (const [key, { fd, pidfd }] of unclaimed) {
      store?.drop(key);
      for (const each of pidfd === undefined ? [fd] : [fd, pidfd]) {
        closeSync(each);
      }
    }
    if (cgroups instanceof Cgroups) {
      const living = [...this.#consoles.values()].filter(({ hasChild }) => hasChild);
      cgroups.sweep(new Set(living.map(({ name }) => name)));
    }
  }

  /** A failure of one console is reported: otherwise the holder would fail repeatedly, and end all consoles with it. */
  #succeeds(what: string, action: () => boolean): boolean {
    try {
      return action();
    } catch (error) {
      this.#parts.troubles?.add(`${what} could not be taken over: ${(error as Error).stack}`);
      return false;
    }
  }

  /** Continues with a child whose record was lost, by the name of its kept terminal. Returns whether there is one. */
  #takeUp(key: string, terminal: KeptTerminal, senseless: readonly string[]): boolean {
    const isIts = (name: string): boolean => key.startsWith(prefixOf(name));
    const known = [...this.#consoles.values()].find(({ name, pid }) => pid === undefined && isIts(name));
    if (known) {
      return known.takeUp(key, terminal);
    }
    const lost = senseless.find(isIts);
    return lost !== undefined && this.#make(lost, 0, this.#parts.records?.make(lost)).takeUp(key, terminal);
  }

  /** Serves a connection: a server that says hello, unless there is one already. */
  serve(socket: Duplex): void {
    this.#reception.serve(socket);
  }

  #take(server: Server, type: number, payload: Uint8Array): void {
    switch (type) {
      case FRAME.request:
        this.#request(server, payload);
        break;
      case FRAME.input: {
        const { console, data } = consoleData(payload);
        this.#consoles.get(console)?.write(data);
        break;
      }
      case FRAME.lines: {
        const { console, data } = consoleData(payload);
        this.#consoles.get(console)?.write(data.subarray(1), data[0] === 1 ? 'continued' : 'paired');
        break;
      }
      case FRAME.note: {
        const { console, data } = consoleData(payload);
        this.#consoles.get(console)?.backend.note(data);
        break;
      }
      case FRAME.mark: {
        const { console, data } = consoleData(payload);
        this.#consoles.get(console)?.backend.mark(data);
        break;
      }
      case FRAME.feed: {
        const { console, data } = consoleData(payload);
        this.#consoles.get(console)?.backend.feed(data);
        break;
      }
      default:
        throw new Error(`unexpected frame of type ${type}`);
    }
  }

  #request(server: Server, payload: Uint8Array): void {
    const { id, ...request } = JSON.parse(Buffer.from(payload).toString()) as HolderRequest & { id: number };
    const respond = (answer: { result: unknown } | { error: string }): void => {
      if (server.socket.writable) {
        server.socket.write(frame(FRAME.response, Buffer.from(JSON.stringify({ id, ...answer }))));
      }
    };
    try {
      const result = this.#answer(request, server) ?? null;
      if (result instanceof Promise) {
        result.then(
          (late) => respond({ result: late }),
          ({ message }: Error) => respond({ error: message }),
        );
      } else {
        respond({ result });
      }
    } catch (error) {
      respond({ error: (error as Error).message });
    }
    // Not before its first request: it ignores data that comes with our hello.
    this.#parts.troubles?.tell();
  }

  /** A promise is answered when it resolves. */
  #answer(request: HolderRequest, { socket, sender }: Server): unknown {
    switch (request.verb) {
      case 'list':
        return [...this.#consoles.values()].map(({ facts }) => facts);
      case 'open':
        return this.#open(request);
      case 'close': {
        const kept = this.#kept(request.console);
        sender.unsubscribe(kept);
        this.#lines?.forget(kept);
        this.#consoles.delete(kept.id);
        void kept.close();
        return undefined;
      }
      case 'start':
        if (this.#ending) {
          throw new Error('the holder is going down');
        }
        return this.#kept(request.console).start(request.spec);
      case 'signal':
        return this.#kept(request.console).backend.kill(request.signal);
      case 'resize':
        return this.#kept(request.console).backend.resize(request.columns, request.rows);
      case 'memo':
        this.#kept(request.console).memo = request.memo;
        return undefined;
      case 'forgetEnd':
        return this.#kept(request.console).forgetEnd();
      case 'flow':
        return this.#kept(request.console).backend.setFlow(request.on);
      case 'logging':
        return this.#kept(request.console).backend.setLogging(request.on);
      case 'subscribe':
        return sender.subscribe(this.#kept(request.console), request.back, request.from);
      case 'unsubscribe':
        return sender.unsubscribe(this.#kept(request.console));
      case 'tellLines':
        this.#lines = new LineTeller(socket, this.#parts.clock);
        return [...this.#consoles.values()].map(lineOf);
      case 'lastLines': {
        const asked = request.console === undefined ? [...this.#consoles.values()] : [this.#kept(request.console)];
        return asked.map((kept) => [kept.id, kept.backend.lineNow]);
      }
      case 'resources':
        return this.#kept(request.console).resources;
      case 'allResources':
        return allResources([...this.#consoles.values()]);
      case 'ping':
        return undefined;
      case 'memory':
        if (this.#parts.budget && request.most !== undefined) {
          this.#parts.budget.most = request.most;
        }
        return this.#parts.budget?.figures;
      case 'logDelay':
        this.#parts.writer.delay = request.delay;
        return undefined;
      case 'reopenLogs':
        for (const kept of this.#consoles.values()) {
          kept.backend.reopenLog();
        }
        return undefined;
      case 'shutDown':
        return this.#shutDown();
    }
  }

  #open({ name, log, start }: HolderRequest & { verb: 'open' }): object {
    let kept = [...this.#consoles.values()].find((candidate) => candidate.name === name);
    if (!kept) {
      kept = this.#make(name, start, this.#parts.records?.make(name));
    }
    kept.setLog(log);
    return kept.facts;
  }

  #make(name: string, start: number, record: SavedRecord | undefined): HolderConsole {
    const { budget, cgroups, clock, journal, kernel, store, writer } = this.#parts;
    const means: HolderConsoleDeps = {
      ...(cgroups instanceof Cgroups ? { cgroup: cgroups.of(name) } : { noCgroup: cgroups.missing }),
      ...(journal ? { journal } : {}),
      ...(budget ? { budget } : {}),
      ...(kernel ? { kernel } : {}),
      ...(record ? { record } : {}),
      ...(record && store ? { store } : {}),
      printed: (kept) => this.#lines?.changed(kept),
    };
    const kept = new HolderConsole(
      { id: this.#nextId++, name, start },
      writer,
      clock,
      (event) => this.#tell(event),
      means,
    );
    this.#consoles.set(kept.id, kept);
    return kept;
  }

  #kept(id: number): HolderConsole {
    const kept = this.#consoles.get(id);
    if (!kept) {
      throw new Error(`no console ${id}`);
    }
    return kept;
  }

  /** Without a server an event is lost: its lasting part is in the facts that the next one requests. */
  #tell(event: HolderEvent): boolean {
    const socket = this.#reception.server?.socket;
    if (socket === undefined || socket.writableLength > MAX_WAITING_BYTES) {
      socket?.destroy();
      return false;
    }
    socket.write(frame(FRAME.event, Buffer.from(JSON.stringify(event))));
    return true;
  }

  /** Told to end by its parent: stops the children by their recipes, first those that others do not need, and ends. */
  async terminate(): Promise<void> {
    if (this.#ending) {
      return;
    }
    this.#ending = true;
    const waiting = new Set(this.#consoles.values());
    const stopping = new Set<Promise<void>>();
    while (waiting.size > 0) {
      const needed = new Set([...this.#consoles.values()].flatMap(({ before }) => before));
      const free = [...waiting].filter(({ name }) => !needed.has(name));
      // Children of two configurations may wait for each other in a circle: then all at once.
      for (const kept of free.length === 0 && stopping.size === 0 ? [...waiting] : free) {
        waiting.delete(kept);
        const stopped = kept.stop().then(() => {
          this.#consoles.delete(kept.id);
          stopping.delete(stopped);
        });
        stopping.add(stopped);
      }
      await Promise.race(stopping);
    }
    await Promise.all(stopping);
    this.#parts.finished();
  }

  #shutDown(): void {
    const living = [...this.#consoles.values()].filter(({ pid }) => pid !== undefined);
    if (living.length > 0) {
      throw new Error(`${living.length} children are alive, ${living[0]?.name} among them`);
    }
    const closed = Promise.all([...this.#consoles.values()].map((kept) => kept.close()));
    this.#consoles.clear();
    void closed.then(() => this.#parts.finished());
  }
}
