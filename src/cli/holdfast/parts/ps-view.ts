/** What `holdfast ps` shows, of what it has asked for so far. */
import { hostname } from 'node:os';
import { Uses } from '../../../client/uses.ts';
import type { ConsoleSummary, VersionInfo } from '../../../model/api.ts';
import { text } from '../command/arguments.ts';
import type { Context } from '../command/command.ts';
import {
  type Beside,
  type ColumnName,
  columnNamed,
  consoleTable,
  inOrder,
  needUses,
  type Order,
  parseColumns,
} from '../text/console-columns.ts';
import { clean } from '../text/display.ts';
import { folded } from '../text/folded.ts';
import { leftOutNotes, summaryLine, troubleNotes } from '../text/overview.ts';
import { paint } from '../text/styles.ts';

export class PsView {
  readonly uses: Uses;
  /** Whether what processes use is asked for. */
  readonly needsUses: boolean;
  /** For a share of a processor it is asked for twice. */
  readonly needsCpu: boolean;
  readonly #context: Context;
  readonly #names: readonly ColumnName[];
  readonly #order: Order;
  #config: Partial<VersionInfo['config']> = {};

  /** Throws UsageError. */
  constructor(context: Context) {
    const { client, clock, values } = context;
    const sort = text(values, 'sort');
    this.#context = context;
    this.#names = parseColumns(text(values, 'columns'));
    const by = sort === undefined ? undefined : columnNamed(sort, '--sort');
    this.#order = { ...(by === undefined ? {} : { by }), reverse: values.reverse === true };
    const named = [...this.#names, ...(by === undefined ? [] : [by])];
    this.needsUses = needUses(named);
    this.needsCpu = named.includes('cpu');
    this.uses = new Uses(client, clock);
  }

  /** Whether there are notes beside the table: scripts that want names or JSON want nothing else. */
  get hasNotes(): boolean {
    const { values } = this.#context;
    return !values.json && !values.quiet;
  }

  /** Asks what was left out of the configuration. */
  async lookAtConfig(): Promise<void> {
    const { config } = await this.#context.client.version();
    this.#config = config;
  }

  /** The form of the output: JSON, names, or the table, on a terminal with a summary. */
  text(chosen: readonly ConsoleSummary[]): string {
    const { io, values } = this.#context;
    const rows = inOrder(chosen, this.#order, this.#beside, io);
    if (values.json) {
      const all = this.needsUses ? rows.map((row) => ({ ...row, uses: this.uses.now.get(row.name) ?? {} })) : rows;
      return `${JSON.stringify(all, undefined, values.watch ? undefined : 2)}\n`;
    }
    if (values.quiet) {
      return rows.map(({ name }) => `${clean(name)}\n`).join('');
    }
    const table = rows.length === 0 ? [] : consoleTable(rows, this.#names, this.#beside, io);
    if (!io.terminal) {
      return table.map((line) => `${line}\n`).join('');
    }
    const notes = [...troubleNotes(rows), ...leftOutNotes(this.#config)];
    const lines = [summaryLine(rows, io), ...table, ...notes.map((note) => paint(io.color, 'yellow', note))];
    return folded(lines.map((line) => `${line}\n`).join(''), io.columns);
  }

  /** Beside an output that programs read: what the table does not say. */
  notes(): string {
    return this.#context.io.terminal || !this.hasNotes
      ? ''
      : leftOutNotes(this.#config)
          .map((note) => `${note}\n`)
          .join('');
  }

  get #beside(): Beside {
    return { host: this.#context.host ?? hostname(), uses: this.uses.now };
  }
}
