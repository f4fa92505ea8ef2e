/** An audit in a folder of the test's: written by the real file, read and checked from the disk. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { AuditFile } from '../../src/audit/audit-file.ts';
import { closeParts, openParts, recordsOf, verdictOf } from '../../src/audit/read-audit.ts';
import { DiskLogFiles } from '../../src/logs/disk-log-files.ts';
import {
  AUDIT_FILE,
  type AuditEntry,
  type AuditFilter,
  type AuditRecord,
  type AuditVerdict,
} from '../../src/model/audit.ts';
import { DiskFiles } from '../../src/platform/files/disk-files.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { person } from '../fakes/principals.ts';
import { atEnd } from './at-end.ts';
import { temporaryDirectory } from './machine.ts';

const TIME = '2026-11-30T02:00:00.000Z';

export function entryOf(act: AuditEntry['act'], more: Partial<AuditEntry> = {}): AuditEntry {
  return { time: TIME, act, outcome: 'done', by: person('vera'), ...more };
}

export class AuditFolder {
  readonly folder: string;
  /** Reports about the disk. */
  readonly told: (string | undefined)[] = [];
  readonly copied: { readonly act: string; readonly seq?: number }[] = [];
  /** Bytes of all files together. */
  keep = 1 << 20;
  readonly #disk = new DiskFiles(systemClock);
  readonly #t: TestContext;

  constructor(t: TestContext, folder = temporaryDirectory(t)) {
    this.#t = t;
    this.folder = folder;
    atEnd(t, () => this.#disk.close());
  }

  get path(): string {
    return join(this.folder, AUDIT_FILE);
  }

  /** As another server opens it. */
  open(): AuditFile {
    const file = new AuditFile({
      path: this.path,
      keep: () => this.keep,
      clock: systemClock,
      header: (oldest) => entryOf('file', { details: { oldest } }),
      trouble: (why) => void this.told.push(why),
      copy: ({ act }, place) => void this.copied.push({ act, ...(place ? { seq: place.seq } : {}) }),
    });
    atEnd(this.#t, () => file.close());
    return file;
  }

  /** `file`: of the server that knows the newest line. */
  async verify(file?: AuditFile): Promise<AuditVerdict> {
    const head = await file?.still(async (end) => end);
    const parts = await openParts(new DiskLogFiles(this.#disk, this.path));
    try {
      return await verdictOf(parts, head);
    } finally {
      closeParts(parts);
    }
  }

  async records(filter: AuditFilter = {}): Promise<readonly AuditRecord[]> {
    const parts = await openParts(new DiskLogFiles(this.#disk, this.path));
    const records: AuditRecord[] = [];
    for await (const { record } of recordsOf(parts, filter)) {
      records.push(record);
    }
    closeParts(parts);
    return records;
  }

  /** Contents by name. */
  contents(): Map<string, string> {
    const names = readdirSync(this.folder).filter((name) => name.startsWith(AUDIT_FILE));
    return new Map(names.sort().map((name) => [name, readFileSync(join(this.folder, name), 'latin1')]));
  }

  put(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text, 'latin1');
  }
}
