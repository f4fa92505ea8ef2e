/** Values and tables -> TOML, with comments. Pure. */

export type TomlValue = string | number | boolean | readonly TomlValue[] | { readonly [key: string]: TomlValue };

export interface TomlTable {
  /** `['console', 'vac-1']` is `[console.vac-1]`. */
  readonly path: readonly string[];
  /** Lines above the table. */
  readonly comments?: readonly string[];
  readonly values: Readonly<Record<string, TomlValue>>;
}

/** The header with its comments above it, then the values in their order. */
export function tomlTable({ path, comments = [], values }: TomlTable): string {
  const lines = Object.entries(values).map(([key, value]) => `${tomlKey(key)} = ${tomlValue(value)}\n`);
  return `${tomlComments(comments)}[${path.map(tomlKey).join('.')}]\n${lines.join('')}`;
}

/** One `#` line for each line of the texts. */
export function tomlComments(texts: readonly string[]): string {
  return texts
    .flatMap((text) => text.split(/\r\n|\r|\n/))
    .map((line) => `# ${line.replace(CONTROL, '?')}`.trimEnd())
    .map((line) => `${line}\n`)
    .join('');
}

/** The only control character that TOML allows in a comment is the tab. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/g;

export function tomlKey(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : tomlString(key);
}

export function tomlValue(value: TomlValue): string {
  if (typeof value === 'string') {
    return tomlString(value);
  }
  if (typeof value !== 'object') {
    return String(value);
  }
  if (Array.isArray(value)) {
    return `[${value.map(tomlValue).join(', ')}]`;
  }
  const pairs = Object.entries(value).map(([key, one]) => `${tomlKey(key)} = ${tomlValue(one)}`);
  return pairs.length > 0 ? `{ ${pairs.join(', ')} }` : '{}';
}

/** The escapes of JSON are those of TOML; half a surrogate pair has no place in either's file. */
function tomlString(text: string): string {
  return JSON.stringify(text.toWellFormed()).replaceAll('\x7f', '\\u007f');
}
