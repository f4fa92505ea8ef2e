/** Finds the holder or starts it, and passes its consoles to the host. */

import type { Backend, Backends } from '../model/backend.ts';
import { HoldfastError } from '../model/errors.ts';
import type { Hello, KeptConsole, LogSpec } from '../model/holder-protocol.ts';
import { type HolderSilence, silenceRemedy, silenceText } from '../model/holder-silence.ts';
import type { MemoryBudget, MemoryFigures } from '../model/memory-budget.ts';
import type { EndRecord } from '../model/process.ts';
import type { Resources } from '../model/resources.ts';
import { SIGHUP, SIGKILL } from '../model/signals.ts';
import { VERSION } from '../model/version.ts';
import { standstillOf, startTimeOf } from '../platform/process/proc.ts';
import type { Clock } from '../platform/time/clock.ts';
import { pause } from '../platform/time/pause.ts';
import type { KnownChild } from './child-mirror.ts';
import type { HolderAccess } from './holder-access.ts';
import { HolderClient, HolderGone, HolderRefused } from './holder-client.ts';
import { HOLDER_TIMEOUT_MS } from './holder-pulse.ts';
import { RemoteRunner } from './remote-runner.ts';

export interface HolderLinkParts {
  /** The address of the holder, and how one is started. */
  readonly holder: HolderAccess;
  /** Milliseconds for which the holder gathers log output. */
  readonly logDelay: number;
  /** For data that waits here; the holder is told the same amount. */
  readonly budget?: MemoryBudget;
  readonly clock: Clock;
  /** The holder is gone; the next one knows what happens to the children. */
  readonly lost: () => void;
  /** There is one again: the number of children that live on, and of those that ended with the last one. */
  readonly found: (living: number, ended: number) => void;
  /** It does not answer; it answers again, after this many milliseconds. */
  readonly silent?: (silence: HolderSilence) => void;
  readonly back?: (after: number) => void;
  /** An event of the holder, or that no new one could be started yet: it is retried. */
  readonly trouble: (message: string) => void;
}

/** The pause between two attempts to start a holder. */
const START_RETRY_MS = 1000;
/** No holder listens. */
const NOT_THERE: readonly string[] = ['ENOENT', 'ECONNREFUSED'];
/** One that is about to end, and still seems to listen. */
const GOING: readonly string[] = ['ECONNRESET', 'EPIPE'];
/** The pause between two attempts to reach a holder that is not there yet, or is about to end. */
const CONNECT_RETRY_MS = 50;

export class HolderLink implements Backends {
  readonly #parts: HolderLinkParts;
  readonly #known = new Map<string, RemoteRunner>();
  #client: HolderClient | undefined;
  #opened: Promise<void> | undefined;
  #leaving = false;
  /** While there is no connection: since when (wall time), and the process that listens without answering. */
  #waiting = { since: 0, pid: 0 };

  constructor(parts: HolderLinkParts) {
    this.#parts = parts;
  }

  get hello(): Hello | undefined {
    return this.#client?.hello;
  }

  /** Connects, and starts a holder first if none is there, or waits for it. Rejects if a holder refuses us. */
  open(): Promise<void> {
    this.#opened = this.#open();
    return this.#opened;
  }

  /** The silence of a holder that does not answer, or is not there; undefined: all is well, or unknown yet. */
  get silence(): HolderSilence | undefined {
    const since = this.#client ? this.#client.silentSince : this.#waiting.since;
    const pid = this.#client ? this.#client.hello.pid : this.#waiting.pid;
    // One that we start ourselves is not waited for: it comes, or the reason is reported.
    const ours = pid === 0 && this.#parts.holder.start !== undefined;
    if (ours || since === undefined || this.#parts.clock.now() - since < HOLDER_TIMEOUT_MS) {
      return undefined;
    }
    const state = pid === 0 ? undefined : standstillOf(pid);
    return { pid, since: new Date(since).toISOString(), ...(state === undefined ? {} : { state }) };
  }

  /** Rejects with that reason if the holder is silent; asks it first. */
  async mustAnswer(): Promise<void> {
    await this.#client?.ask({ verb: 'ping' }).catch(() => undefined);
    const { silence } = this;
    if (silence) {
      throw new HoldfastError('HF_NO_HOLDER', `${silenceText(silence)}. ${silenceRemedy(silence)}`);
    }
  }

  async #open(): Promise<void> {
    const { budget, clock, holder, logDelay } = this.#parts;
    this.#waiting = { since: clock.now(), pid: 0 };
    for (;;) {
      try {
        const client = await this.#connect();
        if (client.closed) {
          // Gone before we could use it: `lost` was called, and the recovery from that is under way.
          return;
        }
        this.#client = client;
        client.watch({
          clock,
          silent: () => this.silence && this.#parts.silent?.(this.silence),
          back: (after) => this.#parts.back?.(after),
        });
        // One that systemd starts has not seen the configuration. Older ones do not know this verb.
        client.request({ verb: 'logDelay', delay: logDelay }).catch(() => undefined);
        // Before consoles are opened: then their lines are known with them.
        client.followLines();
        if (budget) {
          client.request({ verb: 'memory', most: budget.most }).catch(() => undefined);
        }
        return;
      } catch (error) {
        this.#waiting = { ...this.#waiting, pid: 0 };
        const code = (error as { code?: string }).code ?? '';
        if (!NOT_THERE.includes(code) && !GOING.includes(code)) {
          throw error;
        }
        if (holder.start && NOT_THERE.includes(code)) {
          await holder.start();
        } else {
          await pause(this.#parts.clock, CONNECT_RETRY_MS);
        }
      }
    }
  }

  /** Creates or finds a console in the holder, once that is there: `open` comes first. */
  openBackend(
    name: string,
    log: LogSpec | undefined,
    logTrouble: (message: string) => void,
  ): { backend: Backend; kept: Promise<KeptConsole> } {
    const host = new RemoteRunner(name, this.#parts.clock, logTrouble, log, this.#parts.budget);
    const take = async (): Promise<KeptConsole> => {
      await this.#opened;
      try {
        const kept = await this.#take(host);
        this.#known.set(name, host);
        return kept;
      } catch (error) {
        if (!(error instanceof HolderGone) || this.#leaving) {
          throw error;
        }
        await pause(this.#parts.clock, CONNECT_RETRY_MS);
        return take();
      }
    };
    return { backend: host, kept: take() };
  }

  /** Consoles of the holder that this server does not know, such as those of an older configuration. */
  async orphans(): Promise<readonly KeptConsole[]> {
    const all = (await this.#client?.request({ verb: 'list' }).catch(ifGone)) ?? [];
    return all.filter(({ name }) => !this.#known.has(name));
  }

  async discard(id: number): Promise<void> {
    const client = this.#client;
    await client?.request({ verb: 'close', console: id }).catch(ifGone);
    client?.forget(id);
  }

  async refreshLines(): Promise<void> {
    await this.#client?.refreshLines();
  }

  /** An older holder is asked for one console after the other. */
  async resources(): Promise<ReadonlyMap<string, Resources>> {
    const found = new Map<string, Resources>();
    const all = await this.#client?.ask({ verb: 'allResources' });
    const byId = all && new Map(all);
    for (const host of this.#known.values()) {
      const resources = byId ? byId.get(host.id ?? 0) : host.child && (await host.resources());
      if (resources) {
        found.set(host.name, resources);
      }
    }
    return found;
  }

  /** Of the holder; undefined for an older one, or if none answers. */
  async memory(): Promise<MemoryFigures | undefined> {
    return (await this.#client?.ask({ verb: 'memory' }).catch(() => null)) ?? undefined;
  }

  reopenLogs(): void {
    this.#client?.request({ verb: 'reopenLogs' }).catch(() => undefined);
  }

  /** Ends the holder too; its children must be down. */
  async shutDown(): Promise<void> {
    this.#leaving = true;
    await this.#client?.request({ verb: 'shutDown' }).catch(() => undefined);
  }

  /** Leaves the holder and its children as they are. */
  close(): void {
    this.#leaving = true;
    this.#client?.close();
  }

  #connect(): Promise<HolderClient> {
    const lost = (): void => {
      this.#client = undefined;
      if (!this.#leaving) {
        this.#recover().catch((error) => {
          // If the new holder is lost as well, the next call does the rest.
          if (this.#client || error instanceof HolderRefused) {
            throw error;
          }
        });
      }
    };
    const trouble = (message: string): void => this.#parts.trouble(`the holder says: ${message}`);
    const reached = (pid: number): void => {
      this.#waiting = { ...this.#waiting, pid };
    };
    const { clock, holder } = this.#parts;
    return HolderClient.connect(holder, { version: VERSION, clock, lost, trouble, reached });
  }

  async #take(host: RemoteRunner): Promise<KeptConsole> {
    const { log } = host;
    const client = this.#client;
    if (!client) {
      throw new HolderGone();
    }
    const open = { verb: 'open', name: host.name, start: host.head, ...(log ? { log } : {}) } as const;
    // At once: an end may be reported right after the answer.
    const kept = await client.request(open, (answer) => host.attach(client, answer));
    if (kept.logProblem !== undefined) {
      host.logTrouble(kept.logProblem);
    }
    return kept;
  }

  /**
   * A new holder takes over. Under systemd it may have the children too; the others ended with their terminals, those
   * that ignored that are killed, and the policies restart.
   */
  async #recover(): Promise<void> {
    for (const [name, host] of this.#known) {
      if (host.closed) {
        this.#known.delete(name);
      }
      host.lost();
      if (this.#parts.holder.start) {
        // Nothing was kept.
        killLeft(host.child);
      }
    }
    this.#parts.lost();
    // Opening a console meanwhile waits for it too.
    this.#opened = this.#reopen();
    await this.#opened;
    const counts = { living: 0, ended: 0 };
    try {
      for (const host of this.#known.values()) {
        const { child } = host;
        const kept = await this.#take(host);
        if (child === undefined) {
          continue;
        }
        if (kept.pid === child.pid) {
          counts.living++;
          continue;
        }
        counts.ended++;
        killLeft(child);
        host.ended(kept.end?.pid === child.pid ? kept.end : hungUp(child, this.#parts.clock.now()));
      }
      this.#parts.found(counts.living, counts.ended);
    } catch {
      // Gone again: that recovery continues with the rest.
    }
  }

  async #reopen(): Promise<void> {
    while (!this.#leaving) {
      try {
        await this.#open();
        return;
      } catch (error) {
        this.#parts.trouble(`cannot start a holder: ${(error as Error).message}`);
        await pause(this.#parts.clock, START_RETRY_MS);
      }
    }
  }
}

/** The unseen end of a child whose terminal went away with the holder. */
function hungUp({ pid, startedAt }: KnownChild, endedAt: number): EndRecord {
  const status = { code: null, signal: SIGHUP, coreDumped: false };
  return { pid, status, startedAt, endedAt, maxRssKib: 0, lastLines: [] };
}

/** A holder that died before it answered counts as none. */
function ifGone(error: Error): undefined {
  if (!(error instanceof HolderGone)) {
    throw error;
  }
}

function killLeft(child: KnownChild | undefined): void {
  if (child?.startTime === undefined || startTimeOf(child.pid) !== child.startTime) {
    return;
  }
  try {
    process.kill(-child.pid, SIGKILL);
  } catch {
    // The hang-up was enough.
  }
}
