/** Walks along the chain of an audit and finds the first line that was changed, removed or inserted. */
import type { AuditRecord, AuditVerdict } from '../model/audit.ts';
import { type ChainEnd, hashOf, hashOfTorn, NO_HASH, parseRecord } from './chain.ts';

/** A line as it stands in a file, without its line end. */
export interface RawLine {
  readonly file: string;
  readonly line: number;
  readonly bytes: Uint8Array;
  /** The file ends within it. */
  readonly isOpen?: boolean;
}

/** The part of a line that is kept of what is not one; no server leaves more. */
const MOST_SCRAP_BYTES = 1 << 20;

export class Verifier {
  #files = 0;
  #lines = 0;
  #torn = 0;
  #missed = 0;
  #file = '';
  #fileHasRecord = false;
  #first: AuditRecord | undefined;
  #last: AuditRecord | undefined;
  #place: RawLine | undefined;
  #hash = NO_HASH;
  /** Bytes after the last complete line. */
  #scrap: readonly RawLine[] = [];
  #broken: AuditVerdict['broken'];
  /** A line that does not follow the one before it: the next one says which of the two is as it was written. */
  #doubt: { readonly before: RawLine; readonly raw: RawLine } | undefined;
  /** The newest line as the server knows it; more may have come since. */
  readonly #head: ChainEnd | undefined;
  /** Number of the oldest line, as the beginning of the newest file says it. */
  #oldest: { readonly seq: number; readonly place: RawLine } | undefined;

  constructor(head?: ChainEnd) {
    this.#head = head;
  }

  /** Whether there is nothing left to find out. */
  get isBroken(): boolean {
    return this.#broken !== undefined;
  }

  /** In order, from the first line of the oldest file on. */
  add(raw: RawLine): void {
    if (this.#broken) {
      return;
    }
    if (raw.file !== this.#file) {
      this.#file = raw.file;
      this.#files++;
      this.#fileHasRecord = false;
    }
    this.#lines++;
    const record = parseRecord(new TextDecoder().decode(raw.bytes));
    if (record === undefined) {
      this.#scrap = [...this.#scrap, raw];
      if (bytesOf(this.#scrap).length > MOST_SCRAP_BYTES) {
        this.#breaks(this.#scrap[0] as RawLine, NOT_A_LINE);
      }
      return;
    }
    if (this.#doubt) {
      const { before, raw: after } = this.#doubt;
      this.#breaks(record.prev === this.#covering() ? before : after, CHANGED);
      return;
    }
    const scrap = this.#scrap[0];
    const what = this.#wrong(record);
    if (what !== undefined) {
      this.#breaks(scrap ?? raw, scrap ? `${NOT_A_LINE}, and the next one does not say that it was torn` : what);
      return;
    }
    if (this.#last !== undefined && record.prev !== this.#covering()) {
      this.#doubt = { before: this.#place as RawLine, raw };
      this.#hash = hashOf(raw.bytes);
      this.#scrap = [];
      return;
    }
    this.#accept(record, raw);
  }

  verdict(): AuditVerdict {
    if (!this.#broken) {
      this.#finish();
    }
    return {
      ...{ files: this.#files, lines: this.#lines, torn: this.#torn, missed: this.#missed },
      ...(this.#first ? { first: this.#first.seq } : {}),
      ...(this.#last ? { last: this.#last.seq } : {}),
      ...(this.#broken ? { broken: this.#broken } : {}),
      anchored: this.#head !== undefined,
    };
  }

  #accept(record: AuditRecord, raw: RawLine): void {
    this.#first ??= record;
    this.#last = record;
    this.#place = raw;
    this.#fileHasRecord = true;
    this.#torn += this.#scrap.length > 0 ? 1 : 0;
    this.#scrap = [];
    this.#missed += record.missed ?? 0;
    this.#hash = hashOf(raw.bytes);
    if (record.seq === this.#head?.seq && this.#hash !== this.#head.hash && this.#head.torn === undefined) {
      this.#breaks(raw, CHANGED);
    }
    if (record.act === 'file') {
      this.#oldest = { seq: Number(record.details?.oldest), place: raw };
    }
  }

  #finish(): void {
    const first = this.#first?.seq ?? 0;
    const last = this.#last?.seq ?? 0;
    const head = this.#head;
    const [scrap] = this.#scrap;
    const end = this.#place ?? { file: this.#file, line: 0, bytes: new Uint8Array() };
    if (this.#doubt) {
      const { before, raw } = this.#doubt;
      const isOther = head && head.hash !== this.#covering();
      this.#breaks(isOther ? raw : before, head ? CHANGED : 'this line, or the next one, was changed');
    } else if (this.#oldest && first > this.#oldest.seq) {
      this.#breaks(
        this.#oldest.place,
        `lines ${this.#oldest.seq} to ${first - 1} are missing: their files were removed`,
      );
    } else if (head && head.seq > last) {
      this.#breaks(end, `lines ${last + 1} to ${head.seq} are missing after this one`);
    } else if (head?.seq === last && head.hash !== this.#covering()) {
      this.#breaks(scrap ?? end, scrap ? NOT_A_LINE : CHANGED);
    } else if (scrap && !this.#scrap.at(-1)?.isOpen) {
      this.#breaks(scrap, NOT_A_LINE);
    }
    this.#torn += scrap && !this.#broken ? 1 : 0;
  }

  /** The hash that the next line names. */
  #covering(): string {
    return this.#scrap.length === 0 ? this.#hash : hashOfTorn(this.#hash, bytesOf(this.#scrap));
  }

  #wrong(record: AuditRecord): string | undefined {
    const before = this.#last;
    if (!this.#fileHasRecord && record.act !== 'file') {
      return 'a file begins with a line that says so: lines before this one were removed';
    }
    if (before === undefined && this.#scrap.length === 0) {
      return record.seq === 1 && record.prev !== NO_HASH
        ? 'this is the first line, and names one before it'
        : undefined;
    }
    if (before !== undefined && record.seq !== before.seq + 1) {
      return record.seq > before.seq
        ? `lines ${before.seq + 1} to ${record.seq - 1} are missing before this one`
        : `line number ${record.seq} stands after number ${before.seq}`;
    }
    if (record.torn !== (this.#scrap.length === 0 ? undefined : bytesOf(this.#scrap).length)) {
      return 'it speaks of a torn line that does not stand before it';
    }
    return before === undefined && record.prev !== this.#covering() ? CHANGED : undefined;
  }

  #breaks({ file, line }: RawLine, what: string): void {
    this.#broken = { file, line, what };
  }
}

const CHANGED = 'this line was changed: what follows was written after another one';
const NOT_A_LINE = 'this is not a line of an audit';

/** As they stand in the file, without the last line end. */
function bytesOf(lines: readonly RawLine[]): Buffer {
  return Buffer.from(lines.map(({ bytes }) => Buffer.from(bytes).toString('latin1')).join('\n'), 'latin1');
}
