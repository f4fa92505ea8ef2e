/**
 * The audit of this host: what the guard tells of verbs, and what events tell of the rest, as lines of one chain. A service, so that
 * a reload changes it like the others.
 */

import { isNamed } from '../access/decide.ts';
import { AuditFile, type AuditFileParts } from '../audit/audit-file.ts';
import { closeParts, type OpenPart, openParts, recordsOf, verdictOf } from '../audit/read-audit.ts';
import {
  type AuditEntry,
  type AuditFilter,
  type AuditReader,
  type AuditVerdict,
  type PlacedRecord,
  THE_SERVER,
  toldBy,
} from '../model/audit.ts';
import type { AuditConfig } from '../model/audit-config.ts';
import type { HostConfig, PlanStep } from '../model/config.ts';
import { HoldfastError } from '../model/errors.ts';
import type { HostEvent } from '../model/events.ts';
import type { LogFiles } from '../model/host-port.ts';
import type { HostService } from '../model/host-service.ts';
import type { InputPort } from '../model/input-port.ts';
import { isSame } from '../model/is-same.ts';
import { keyOf } from '../model/keys/record.ts';
import type { Principal } from '../model/principal.ts';
import { type Right, VERBS, type VerbRow } from '../model/rights.ts';
import { sectionPlan } from '../model/section-plan.ts';
import type { Clock } from '../platform/time/clock.ts';
import { type AuditPort, auditIsOff, type Deed } from './audit-port.ts';
import { RefusalPace } from './refusal-pace.ts';

/** In plans and in the history; no console can have this name. */
const NAME = '[audit]';
/** Acts that take one of these are on disk before they are done. */
const DURABLE: ReadonlySet<Right | undefined> = new Set(['admin', 'configure']);

export interface AuditLogParts {
  /** Before the first `apply`. Undefined: nothing is recorded. */
  readonly first: AuditConfig | undefined;
  readonly clock: Clock;
  /** `audit.jsonl` and its predecessors, to be read. */
  readonly files: LogFiles;
  /** Takes a second copy of each line. */
  readonly copy: AuditFileParts['copy'];
  /** Tells that it cannot be written, and that it can be again. */
  readonly tell: (text: string) => void;
}

/** Something that is being done, and what events have told of it meanwhile. */
interface Doing {
  readonly deed: Deed;
  told?: ReturnType<typeof toldBy>;
}

export class AuditLog implements AuditPort, AuditReader, HostService, InputPort {
  readonly name = 'audit';
  readonly #parts: AuditLogParts;
  readonly #file: AuditFile;
  readonly #pace: RefusalPace;
  #config: AuditConfig | undefined;
  /** It ends with the event that tells of the configuration without it. */
  #isEnding = false;
  #doing: Doing[] = [];
  /** Whether the input of a console is recorded, by name. */
  readonly #withInput = new Map<string, boolean>();
  /** Bytes; also of the lines with which it ends. */
  #keep: number;

  constructor(parts: AuditLogParts) {
    this.#parts = parts;
    this.#config = parts.first;
    this.#keep = parts.first?.keep ?? 0;
    const { clock, copy, files } = parts;
    this.#file = new AuditFile({
      ...{ path: files.path, clock, copy },
      keep: () => this.#keep,
      header: (oldest, time) => ({ time, act: 'file', outcome: 'done', by: THE_SERVER, details: { oldest } }),
      trouble: (why) => parts.tell(this.#troubleText(why)),
    });
    this.#pace = new RefusalPace(clock, (count) =>
      this.#add({ act: 'refusals', outcome: 'refused', by: THE_SERVER, details: { count } }),
    );
  }

  get config(): AuditConfig | undefined {
    return this.#config;
  }

  plan({ audit }: Pick<HostConfig, 'audit'>): PlanStep[] {
    return sectionPlan(NAME, this.#config, audit, (before, after) =>
      (Object.keys(after) as (keyof AuditConfig)[]).filter((key) => !isSame(before[key], after[key])).map(keyOf),
    );
  }

  async apply(next: Pick<HostConfig, 'audit'>): Promise<PlanStep[]> {
    const steps = this.plan(next);
    this.#isEnding = next.audit === undefined && this.#config !== undefined;
    this.#config = next.audit ?? this.#config;
    this.#keep = this.#config?.keep ?? 0;
    this.#withInput.clear();
    return steps;
  }

  /** It records to the very end; see `finish`. */
  async close(): Promise<void> {}

  /** Nothing more is recorded. Resolves when all is written, or the disk does not take it. */
  async finish(): Promise<void> {
    await this.#file.settle().catch(() => undefined);
    this.#file.close();
  }

  async mayDo(deed: Deed): Promise<void> {
    if (!this.#records(deed)) {
      return;
    }
    const doing: Doing = { deed };
    this.#doing.push(doing);
    const { right }: VerbRow = VERBS[deed.verb];
    if (!DURABLE.has(right)) {
      return;
    }
    this.#addDeed(deed, { outcome: 'begun' });
    try {
      await this.#file.settle();
    } catch (error) {
      if (this.#config?.whenFull !== 'refuse') {
        return;
      }
      const refusal = new HoldfastError(
        'HF_NO_AUDIT',
        `nothing is done that takes the right \`${right}\` while the audit cannot be written: ${(error as Error).message}`,
      );
      this.failed(deed, refusal);
      throw refusal;
    }
  }

  done(deed: Deed): void {
    const told = this.#end(deed);
    if (this.#records(deed)) {
      this.#addDeed(deed, { outcome: 'done', ...told });
    }
  }

  failed(deed: Deed, error: Error): void {
    this.#end(deed);
    if (this.#records(deed)) {
      this.#addDeed(deed, { outcome: 'failed', error: errorOf(error) });
    }
  }

  refused(deed: Deed, refusal: Error): void {
    if (this.#records(deed) && this.#pace.admits(deed.by)) {
      const error = errorOf(refusal);
      const { right }: VerbRow = VERBS[deed.verb];
      // A refusal without a named right comes from a list of a listener.
      const isMissing = right !== undefined && error.code === 'HF_FORBIDDEN';
      this.#addDeed(deed, { outcome: 'refused', ...(isMissing && { right }), error });
    }
  }

  /** A listener of `Events`. */
  event(event: HostEvent): void {
    const told = this.#config && toldBy(event);
    if (told === undefined) {
      return;
    }
    const by = told.by ?? event.by ?? THE_SERVER;
    const { console } = event;
    const doing = this.#doing.find(({ deed }) => deed.verb === told.act && deed.by === by);
    if (doing) {
      doing.told = told;
    } else if (told.outcome !== 'refused' || this.#pace.admits(by)) {
      this.#add({ ...told, by, ...(console === undefined ? {} : { console }) });
    }
    if (this.#isEnding && told.act === 'apply') {
      this.#isEnding = false;
      this.#config = undefined;
    }
  }

  /** Also asked where nothing is recorded, for each write. */
  recordsInput(console: { readonly name: string; readonly groups: readonly string[] }): boolean {
    if (this.#config === undefined || this.#config.input.length === 0) {
      return false;
    }
    const { name } = console;
    const known = this.#withInput.get(name) ?? isNamed(this.#config.input, console);
    this.#withInput.set(name, known);
    return known;
  }

  typed(by: Principal, console: string, line: string | undefined): void {
    const details = line === undefined ? { notRecorded: 'no echo' } : { line };
    this.#add({ act: 'input', outcome: 'done', by, console, details });
  }

  /** Somebody may not come in; `by`: who it would have been. */
  turnedAway(by: Principal, why: string): void {
    if (this.#config && this.#pace.admits(by)) {
      this.#add({ act: 'login', outcome: 'refused', by, error: { message: why } });
    }
  }

  async *records(filter: AuditFilter, mustKeep?: (fd: number) => void): AsyncGenerator<PlacedRecord> {
    this.#mustBeOn();
    const parts = await this.#file.still(() => openParts(this.#parts.files, mustKeep));
    try {
      yield* recordsOf(parts, filter);
    } finally {
      closeParts(parts);
    }
  }

  async verify(mustKeep?: (fd: number) => void): Promise<AuditVerdict> {
    this.#mustBeOn();
    let parts: readonly OpenPart[] = [];
    try {
      const head = await this.#file.still(async (now) => {
        parts = await openParts(this.#parts.files, mustKeep);
        return now;
      });
      return await verdictOf(parts, head);
    } finally {
      closeParts(parts);
    }
  }

  #mustBeOn(): void {
    if (this.#config === undefined) {
      throw auditIsOff();
    }
  }

  #records({ verb }: Deed): boolean {
    return this.#config !== undefined && VERBS[verb].changes;
  }

  /** The events reported for it. */
  #end(deed: Deed): Doing['told'] {
    const doing = this.#doing.find((each) => each.deed === deed);
    this.#doing = this.#doing.filter((each) => each !== doing);
    return doing?.told;
  }

  #addDeed(
    { by, console, details = {}, verb }: Deed,
    what: Pick<AuditEntry, 'outcome' | 'right' | 'error' | 'details'>,
  ): void {
    const all = { ...details, ...what.details };
    const { details: _, ...rest } = what;
    this.#add({
      ...{ act: verb, by, ...rest },
      ...(console === undefined ? {} : { console }),
      ...(Object.keys(all).length === 0 ? {} : { details: all }),
    });
  }

  #add(entry: Omit<AuditEntry, 'time'>): void {
    this.#file.add(this.#entry(entry));
  }

  #entry(entry: Omit<AuditEntry, 'time'>): AuditEntry {
    return { time: new Date(this.#parts.clock.now()).toISOString(), ...entry };
  }

  #troubleText(why: string | undefined): string {
    const { path } = this.#parts.files;
    if (why === undefined) {
      return `the audit (${path}) is written again`;
    }
    const rest =
      this.#config?.whenFull === 'refuse' ? '; until it can be, what takes `admin` or `configure` is refused' : '';
    return `the audit (${path}) cannot be written: ${why}${rest}`;
  }
}

function errorOf(error: Error): NonNullable<AuditEntry['error']> {
  return { ...(error instanceof HoldfastError ? { code: error.code } : {}), message: error.message };
}
