/** INI files as Python's configparser reads them, which defines procServ.conf (spec/procserv.md 11). Pure. */
import type { ConfigProblem } from '../../model/config.ts';
import type { ConfigText } from '../../model/config-input.ts';
import type { Place } from '../../model/place.ts';
import { interpolate } from './ini-interpolation.ts';

export interface IniValue {
  /** Lines of a value that goes on are joined with a line feed. `%` is not yet interpolated. */
  readonly raw: string;
  readonly place: Place;
}

const DEFAULTS = 'DEFAULT';

/** A section of all files together. */
export class IniSection {
  readonly name: string;
  /** Where it was opened first. */
  readonly place: Place;
  /** Its own values, without those of [DEFAULT]. Names are in lower case. */
  readonly own = new Map<string, IniValue>();
  readonly #defaults: ReadonlyMap<string, IniValue>;

  constructor(name: string, place: Place, defaults: ReadonlyMap<string, IniValue>) {
    this.name = name;
    this.place = place;
    this.#defaults = defaults;
  }

  find(key: string): IniValue | undefined {
    return this.own.get(key) ?? this.#defaults.get(key);
  }

  /** All names: its own first, then those of [DEFAULT]. */
  keys(): Set<string> {
    return new Set([...this.own.keys(), ...this.#defaults.keys()]);
  }

  /** The interpolated value; undefined if there is none, or if `problems` tells why not. */
  get(key: string, problems: ConfigProblem[]): string | undefined {
    const value = this.find(key);
    if (value === undefined) {
      return undefined;
    }
    const { text, error } = interpolate(value.raw, (name) => this.find(name)?.raw);
    if (error !== undefined) {
      problems.push({ ...value.place, key: `${this.name}.${key}`, message: error });
    }
    return text;
  }
}

export interface IniFiles {
  /** In the order in which they were opened first; without [DEFAULT]. */
  readonly sections: ReadonlyMap<string, IniSection>;
  /** Every `[NAME]` line, [DEFAULT] and repeated ones included. */
  readonly headers: readonly { readonly name: string; readonly place: Place }[];
  /** Syntax errors of the files, in order. */
  readonly problems: readonly ConfigProblem[];
}

/** Later files add to the sections of earlier ones and win. Never throws. */
export function parseIni(texts: readonly ConfigText[]): IniFiles {
  const defaults = new Map<string, IniValue>();
  const sections = new Map<string, IniSection>();
  const headers: { name: string; place: Place }[] = [];
  const problems: ConfigProblem[] = [];
  for (const { file, text } of texts) {
    readFile(file, text, { defaults, sections, headers, problems });
  }
  return { sections, headers, problems };
}

interface Reading {
  readonly defaults: Map<string, IniValue>;
  readonly sections: Map<string, IniSection>;
  readonly headers: { name: string; place: Place }[];
  readonly problems: ConfigProblem[];
}

interface OpenValue {
  readonly lines: string[];
  /** The value continues on lines indented deeper than this. */
  readonly indent: number;
}

function readFile(file: string, text: string, { defaults, sections, headers, problems }: Reading): void {
  const seen = new Map<string, number>();
  let section: { readonly name: string; readonly values: Map<string, IniValue> } | undefined;
  let open: OpenValue | undefined;
  let close = () => {};
  let homeless = false;

  text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\r|\n/)
    .forEach((line, index) => {
      const place: Place = { file, line: index + 1 };
      const said = line.trim();
      if (said.startsWith('#') || said.startsWith(';')) {
        return;
      }
      if (said === '') {
        open?.lines.push('');
        return;
      }
      const indent = line.search(/\S/);
      if (open && indent > open.indent) {
        open.lines.push(said);
        return;
      }
      close();
      open = undefined;
      close = () => {};
      const header = /^\[(.+)\]/.exec(said)?.[1];
      if (header === undefined) {
        readOption(said, indent, place);
      } else {
        openSection(header, place);
      }
    });
  close();

  function openSection(name: string, place: Place): void {
    headers.push({ name, place });
    const mark = JSON.stringify([name]);
    const earlier = seen.get(mark);
    if (earlier !== undefined && name !== DEFAULTS) {
      problems.push({ ...place, key: name, message: `section [${name}] given already in line ${earlier}; join them` });
    }
    seen.set(mark, earlier ?? place.line);
    if (name === DEFAULTS) {
      section = { name, values: defaults };
      return;
    }
    const known = sections.get(name) ?? new IniSection(name, place, defaults);
    sections.set(name, known);
    section = { name, values: known.own };
  }

  function readOption(said: string, indent: number, place: Place): void {
    if (section === undefined) {
      if (!homeless) {
        problems.push({ ...place, key: '', message: `expected a section such as [NAME] before '${brief(said)}'` });
        homeless = true;
      }
      return;
    }
    const at = said.search(/[=:]/);
    const key = said.slice(0, Math.max(at, 0)).trimEnd().toLowerCase();
    const lines = [said.slice(at + 1).trim()];
    open = { lines, indent };
    if (key === '') {
      problems.push({ ...place, key: section.name, message: `expected KEY = VALUE, not '${brief(said)}'` });
      return;
    }
    const { name, values } = section;
    const mark = JSON.stringify([name, key]);
    const earlier = seen.get(mark);
    if (earlier !== undefined) {
      const message = `given already in line ${earlier}; keep one of them`;
      problems.push({ ...place, key: `${name}.${key}`, message });
      return;
    }
    seen.set(mark, place.line);
    close = () => values.set(key, { raw: lines.join('\n').trimEnd(), place });
  }
}

function brief(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}...` : text;
}
