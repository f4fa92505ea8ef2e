/** Reads an audit from its files, oldest line first. */
import { basename } from 'node:path';
import { LF } from '../model/ascii.ts';
import type { AuditFilter, AuditVerdict, PlacedRecord } from '../model/audit.ts';
import { matches } from '../model/audit-match.ts';
import { AuditRows } from '../model/audit-rows.ts';
import type { LogFile, LogFiles } from '../model/host-port.ts';
import { type ChainEnd, parseRecord } from './chain.ts';
import { type RawLine, Verifier } from './verify.ts';

const BLOCK_BYTES = 64 * 1024;
/** A longer line is not one of an audit: it is cut. */
const LONGEST_LINE_BYTES = 1 << 20;

export interface OpenPart {
  readonly name: string;
  readonly file: LogFile;
}

/** All files, oldest first. They stay what they are when they are renamed. */
export async function openParts(
  files: LogFiles,
  mustKeep: (fd: number) => void = () => undefined,
): Promise<readonly OpenPart[]> {
  const parts: OpenPart[] = [];
  try {
    for (const suffix of await files.list()) {
      const file = await files.open(suffix);
      if (file) {
        parts.push({ name: `${basename(files.path)}${suffix}`, file });
        mustKeep(file.fd);
      }
    }
    return parts;
  } catch (error) {
    closeParts(parts);
    throw error;
  }
}

export function closeParts(parts: readonly OpenPart[]): void {
  for (const { file } of parts) {
    file.close();
  }
}

export async function* recordsOf(parts: readonly OpenPart[], filter: AuditFilter): AsyncGenerator<PlacedRecord> {
  const { limit, rows = false } = filter;
  const newest: PlacedRecord[] = [];
  for await (const each of rows ? rowsOf(allOf(parts)) : allOf(parts)) {
    if (!matches(filter, each.record)) {
      continue;
    }
    if (limit === undefined) {
      yield each;
    } else {
      // Acts without an outcome come after newer ones.
      const at = newest.findLastIndex(({ record }) => record.seq < each.record.seq);
      newest.splice(at + 1, 0, each);
      newest.splice(0, newest.length - limit);
    }
  }
  yield* newest;
}

async function* allOf(parts: readonly OpenPart[]): AsyncGenerator<PlacedRecord> {
  for await (const { bytes, file, line } of linesOf(parts)) {
    const record = parseRecord(new TextDecoder().decode(bytes));
    if (record !== undefined) {
      yield { record, file, line };
    }
  }
}

async function* rowsOf(all: AsyncIterable<PlacedRecord>): AsyncGenerator<PlacedRecord> {
  const rows = new AuditRows<PlacedRecord>();
  for await (const each of all) {
    yield* rows.add(each);
  }
  yield* rows.rest();
}

/** `head`: the newest line as the server knows it. */
export async function verdictOf(parts: readonly OpenPart[], head?: ChainEnd): Promise<AuditVerdict> {
  const verifier = new Verifier(head);
  for await (const line of linesOf(parts)) {
    verifier.add(line);
    if (verifier.isBroken) {
      break;
    }
  }
  return verifier.verdict();
}

async function* linesOf(parts: readonly OpenPart[]): AsyncGenerator<RawLine> {
  for (const { file, name } of parts) {
    let line = 0;
    let begun = Buffer.alloc(0);
    const block = Buffer.alloc(BLOCK_BYTES);
    for (let at = 0, count = 1; count > 0; at += count) {
      count = await file.read(block, at);
      const bytes = Buffer.concat([begun, block.subarray(0, count)]);
      let from = 0;
      for (let end = bytes.indexOf(LF); end >= 0; end = bytes.indexOf(LF, from)) {
        yield { file: name, line: ++line, bytes: bytes.subarray(from, end) };
        from = end + 1;
      }
      begun = bytes.subarray(from);
      if (begun.length > LONGEST_LINE_BYTES) {
        yield { file: name, line: ++line, bytes: begun };
        begun = Buffer.alloc(0);
      }
    }
    if (begun.length > 0) {
      yield { file: name, line: ++line, bytes: begun, isOpen: true };
    }
  }
}
