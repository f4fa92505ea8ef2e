/** conserver.cf: text to records, with every fault (spec/conserver.md 7, appendix B). */
import { type AccessDraft, accessReaders } from './access.ts';
import { type ConsoleDraft, type DraftContext, mergeDraft, newDraft } from './draft.ts';
import { finishConsole } from './finish.ts';
import { consoleReaders, defaultReaders } from './keywords.ts';
import { readItems } from './reader.ts';
import type {
  AccessRecord,
  BreakRecord,
  ConserverConfig,
  ConserverEnvironment,
  ConsoleRecord,
  ServerSettings,
  TaskRecord,
  UserEntry,
  UserList,
} from './records.ts';
import { settingReaders } from './settings.ts';
import { BREAK_READERS, type Draft, newBreak, PREDEFINED_BREAKS, taskReaders } from './signals.ts';
import type { Fault, Position, ReadFile } from './source.ts';
import { type ConserverBlock, parseConserverTree } from './tree.ts';
import { addUsers } from './users.ts';

/** Reads a whole configuration. `text` is the content of `file`; includes come through `read`. Never throws. */
export function parseConserverCf(
  file: string,
  text: string,
  read: ReadFile,
  environment: ConserverEnvironment,
): ConserverConfig {
  const { blocks, faults } = parseConserverTree(file, text, read);
  const reading = new Reading(environment, faults);
  for (const block of blocks) {
    reading.add(block);
  }
  return reading.finish();
}

class Reading {
  readonly #environment: ConserverEnvironment;
  readonly #faults: Fault[];
  readonly #groups = new Map<string, UserList>();
  readonly #defaults = new Map<string, ConsoleDraft>();
  readonly #consoles = new Map<string, ConsoleRecord>();
  /** Owners of each name or alias, in lower case: if there are several, the latest is last. */
  readonly #taken = new Map<string, string[]>();
  /** The place where each console was read, for faults found at the end. */
  readonly #blocks = new Map<string, ConserverBlock>();
  readonly #breaks = new Map<string, BreakRecord>(PREDEFINED_BREAKS);
  readonly #tasks = new Map<string, TaskRecord>();
  readonly #access: AccessRecord[] = [];
  readonly #accessByName = new Map<string, AccessRecord>();
  readonly #settings: ServerSettings = {};

  constructor(environment: ConserverEnvironment, faults: Fault[]) {
    this.#environment = environment;
    this.#faults = faults;
  }

  add(block: ConserverBlock): void {
    switch (block.type) {
      case 'access':
        this.#addAccess(block);
        break;
      case 'break':
        this.#addBreak(block);
        break;
      case 'config':
        // A block for another host is read too: its faults are reported, its values ignored.
        readItems(
          block,
          settingReaders(this.#environment),
          this.#isOurs(block.name) ? this.#settings : {},
          this.#faults,
        );
        break;
      case 'console':
        this.#addConsole(block);
        break;
      case 'default':
        this.#addDefault(block);
        break;
      case 'group':
        this.#addGroup(block);
        break;
      case 'task':
        this.#addTask(block);
        break;
      default:
        this.#faults.push({
          at: block.at,
          message: `unknown block type \`${block.type}' (access, break, config, console, default, group, task)`,
        });
    }
  }

  finish(): ConserverConfig {
    const consoles = [...this.#consoles.values()];
    if (consoles.length === 0) {
      this.#faults.push({ message: 'no consoles found in the configuration' });
    }
    for (const { name, breaklist, tasklist } of consoles) {
      this.#checkIds(name, 'breaklist', breaklist, this.#breaks);
      this.#checkIds(name, 'tasklist', tasklist, this.#tasks);
    }
    return {
      consoles,
      breaks: this.#breaks,
      tasks: this.#tasks,
      access: this.#access,
      settings: this.#settings,
      faults: this.#faults,
    };
  }

  #isOurs(name: string): boolean {
    return name === '*' || this.#environment.isThisHost(name);
  }

  /** Breaks and tasks may be defined below the console that names them. */
  #checkIds(name: string, keyword: string, list: '*' | readonly string[], known: ReadonlyMap<string, unknown>): void {
    for (const id of list === '*' ? [] : list) {
      if (!known.has(id)) {
        const at = placeOf(this.#blocks.get(name), keyword);
        const message = `console \`${name}': ${keyword} names \`${id}', which is not defined`;
        this.#faults.push({ ...(at && { at }), message });
      }
    }
  }

  get #context(): DraftContext {
    return { groups: this.#groups, defaults: this.#defaults, environment: this.#environment };
  }

  #addConsole(block: ConserverBlock): void {
    const draft = newDraft();
    const everywhere = this.#defaults.get('*');
    if (everywhere !== undefined) {
      mergeDraft(draft, everywhere);
    }
    readItems(block, consoleReaders(this.#context), draft, this.#faults);
    const record = finishConsole(block.name, draft, block, this.#faults);
    if (record === undefined) {
      return;
    }
    this.#blocks.set(block.name, block);
    const key = block.name.toLowerCase();
    const twin = this.#consoles.get(key);
    if (twin !== undefined) {
      this.#faults.push({ at: block.end, message: `console \`${block.name}' is defined twice: the later one counts` });
      this.#consoles.delete(key);
      this.#forgetNames(twin);
    }
    const added = { ...record, aliases: this.#freeAliases(record, block) };
    this.#consoles.set(key, added);
    for (const name of namesOf(added)) {
      this.#taken.set(name, [...(this.#taken.get(name) ?? []), added.name]);
    }
  }

  /** Drops aliases that are names or aliases already, and reports a console that takes the name of an alias. */
  #freeAliases(record: ConsoleRecord, block: ConserverBlock): string[] {
    const own = record.name.toLowerCase();
    const holder = this.#taken.get(own)?.at(-1);
    if (holder !== undefined) {
      this.#faults.push({
        at: record.at,
        message: `console \`${record.name}': the name is an alias of \`${holder}' already`,
      });
    }
    return record.aliases.filter((alias) => {
      const key = alias.toLowerCase();
      const user = key === own ? record.name : this.#taken.get(key)?.at(-1);
      if (user !== undefined) {
        const message = `console \`${record.name}': alias \`${alias}' is taken by \`${user}': ignored`;
        this.#faults.push({ at: placeOf(block, 'aliases') ?? block.at, message });
      }
      return user === undefined;
    });
  }

  #forgetNames(record: ConsoleRecord): void {
    for (const name of namesOf(record)) {
      this.#taken.set(
        name,
        (this.#taken.get(name) ?? []).filter((holder) => holder !== record.name),
      );
    }
  }

  #addDefault(block: ConserverBlock): void {
    const draft = newDraft();
    readItems(block, defaultReaders(this.#context), draft, this.#faults);
    this.#defaults.set(block.name, draft);
  }

  #addGroup(block: ConserverBlock): void {
    const users: UserEntry[] = [];
    readItems(block, new Map([['users', (_, value) => addUsers(users, value, this.#groups)]]), undefined, this.#faults);
    this.#groups.set(block.name, users);
  }

  #addAccess(block: ConserverBlock): void {
    const draft: AccessDraft = { hosts: [], admin: [], limited: [] };
    readItems(block, accessReaders(this.#groups, this.#accessByName), draft, this.#faults);
    const record: AccessRecord = { name: block.name, at: block.at, ...draft };
    this.#access.push(record);
    this.#accessByName.set(block.name, record);
  }

  #addBreak(block: ConserverBlock): void {
    const draft = newBreak();
    readItems(block, BREAK_READERS, draft, this.#faults);
    if (/^[1-9a-z]$/.test(block.name)) {
      this.#breaks.set(block.name, draft);
    } else {
      this.#faults.push({ at: block.at, message: `\`${block.name}' is not a break (one of 1 to 9, a to z)` });
    }
  }

  #addTask(block: ConserverBlock): void {
    const draft: Draft<TaskRecord> = { cmd: '', confirm: false };
    readItems(block, taskReaders(this.#environment), draft, this.#faults);
    if (/^[0-9a-z]$/.test(block.name)) {
      this.#tasks.set(block.name, draft);
    } else {
      this.#faults.push({ at: block.at, message: `\`${block.name}' is not a task (one of 0 to 9, a to z)` });
    }
  }
}

function namesOf({ name, aliases }: ConsoleRecord): string[] {
  return [name, ...aliases].map((each) => each.toLowerCase());
}

/** The place of the last value of this keyword, or the end of the block if it came from a default. */
function placeOf(block: ConserverBlock | undefined, keyword: string): Position | undefined {
  return block?.items.findLast((item) => item.keyword.toLowerCase() === keyword)?.valueAt ?? block?.end;
}
