import { join } from 'node:path';
import { closeParts, openParts, recordsOf, verdictOf } from '../../../audit/read-audit.ts';
import { DiskLogFiles } from '../../../logs/disk-log-files.ts';
import {
  AUDIT_FILE,
  type AuditFilter,
  type AuditReader,
  type AuditRecord,
  type PlacedRecord,
} from '../../../model/audit.ts';
import { AuditRows } from '../../../model/audit-rows.ts';
import { auditText, verdictLines } from '../../../model/audit-text.ts';
import { HoldfastError } from '../../../model/errors.ts';
import { type DiskFault, DiskFiles } from '../../../platform/files/disk-files.ts';
import { errnoCode } from '../../../platform/files/disk-words.ts';
import { text, whole } from '../command/arguments.ts';
import { type Command, type Context, type Io, JSON_OPTION } from '../command/command.ts';
import { EXIT } from '../command/exit-codes.ts';
import { isPattern, matcher } from '../parts/glob.ts';
import { clean } from '../text/display.ts';
import { tell } from '../text/folded.ts';
import { paint, type Style } from '../text/styles.ts';
import { local, parseTime, withLocalTimes } from '../text/times.ts';

const LIMIT = 50;

const STYLES: Readonly<Record<AuditRecord['outcome'], Style>> = {
  begun: 'yellow',
  done: 'none',
  failed: 'yellow',
  refused: 'red',
};

/** Lines for people. */
export class AuditLines {
  readonly #io: Pick<Io, 'color'>;
  readonly #rows = new AuditRows<{ readonly record: AuditRecord }>();

  constructor(io: Pick<Io, 'color'>) {
    this.#io = io;
  }

  add(record: AuditRecord): readonly string[] {
    return this.#rows.add({ record }).map((each) => this.#line(each.record));
  }

  rest(): readonly string[] {
    return this.#rows.rest().map((each) => this.#line(each.record));
  }

  #line(record: AuditRecord): string {
    const { color } = this.#io;
    return `${paint(color, 'gray', local(record.time))}  ${paint(color, STYLES[record.outcome], clean(withLocalTimes(auditText(record))))}`;
  }
}

export const audit: Command = {
  name: 'audit',
  usage: '[NAME]',
  summary: 'who did what, and what was refused; --verify: whether anybody has changed that',
  help: `NAME is a console, or a pattern. --verify walks along the whole chain, over all files, and names the first line that was changed,
removed or inserted; exit code 0: there is none, 1: there is one. With --dir it does so without the server, for a copy, or one that is down.`,
  options: [
    { name: 'since', value: 'TIME', help: 'from there on: 2h (ago), 03:15, 2026-11-21' },
    { name: 'until', value: 'TIME', help: 'up to there' },
    { name: 'user', short: 'u', value: 'USER', help: 'what this user did, or who is behind it' },
    { name: 'verb', value: 'VERB', help: 'only this act: restart, apply, take...' },
    { name: 'lines', short: 'n', value: 'N', help: `the newest N [${LIMIT}, without --since and --until]` },
    { name: 'verify', help: 'check the chain' },
    { name: 'dir', value: 'FOLDER', help: `read ${AUDIT_FILE} in this folder, without the server` },
    JSON_OPTION,
  ],
  completes: 'console',
  operands: [0, 1],
  async run(context) {
    const folder = text(context.values, 'dir');
    if (folder === undefined) {
      return await told(context, context.client.audit);
    }
    const disk = new DiskFiles(context.clock);
    try {
      return await told(context, readerOf(new DiskLogFiles(disk, join(folder, AUDIT_FILE))));
    } finally {
      disk.close();
    }
  },
};

async function told({ io, values, words }: Context, reader: AuditReader): Promise<number> {
  if (values.verify) {
    const verdict = await reader.verify();
    if (values.json) {
      io.out(`${JSON.stringify(verdict)}\n`);
    } else {
      tell(io, verdictLines(verdict).map(clean));
    }
    return verdict.broken ? EXIT.failed : EXIT.ok;
  }
  const lines = new AuditLines(io);
  for await (const { file, line, record } of chosen(reader, filterOf({ io, values }), words[0])) {
    if (values.json) {
      io.out(`${JSON.stringify({ ...record, file, line })}\n`);
    } else {
      tell(io, lines.add(record));
    }
  }
  tell(io, lines.rest());
  return EXIT.ok;
}

/** `name`: a console, or a pattern of consoles. */
async function* chosen(reader: AuditReader, filter: AuditFilter, name?: string): AsyncGenerator<PlacedRecord> {
  if (name === undefined || !isPattern(name)) {
    yield* reader.records(name === undefined ? filter : { ...filter, console: name });
    return;
  }
  const { limit = Number.POSITIVE_INFINITY, ...all } = filter;
  const isWanted = matcher(name);
  const newest: PlacedRecord[] = [];
  for await (const placed of reader.records(all)) {
    if (isWanted(placed.record.console ?? '')) {
      newest.push(placed);
      newest.splice(0, newest.length - limit);
    }
  }
  yield* newest;
}

function filterOf({ io, values }: Pick<Context, 'io' | 'values'>): AuditFilter {
  const time = (option: string) => {
    const value = text(values, option);
    return value === undefined ? undefined : parseTime(value, io.now(), `--${option}`);
  };
  const [since, until, user, verb] = [time('since'), time('until'), text(values, 'user'), text(values, 'verb')];
  const limit = whole(values, 'lines') ?? (since === undefined && until === undefined ? LIMIT : undefined);
  return {
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(user === undefined ? {} : { user }),
    ...(verb === undefined ? {} : { verb }),
    ...(limit === undefined ? {} : { limit }),
  };
}

/** Files that nobody writes to, or whose server is not asked. */
function readerOf(files: DiskLogFiles): AuditReader {
  const open = async () => {
    const parts = await openParts(files).catch(({ errno, message }: DiskFault) => {
      throw Object.assign(new Error(`${files.path}: ${message}`), { code: errnoCode(errno) ?? 'EIO' });
    });
    if (parts.length === 0) {
      throw new HoldfastError('HF_AUDIT_OFF', `there is no ${files.path}`);
    }
    return parts;
  };
  return {
    async *records(filter) {
      const parts = await open();
      yield* recordsOf(parts, filter);
      closeParts(parts);
    },
    async verify() {
      const parts = await open();
      const verdict = await verdictOf(parts);
      closeParts(parts);
      return verdict;
    },
  };
}
