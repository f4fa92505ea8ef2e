/** One command line as the master and the group processes parse it (spec/conserver.md 2.1). */

export interface WireCommand {
  /** Case-sensitive; empty for an empty line. */
  readonly word: string;
  /** Trimmed; empty when there is none. */
  readonly argument: string;
}

/**
 * The reader of the line: the master splits at the first `:`, or otherwise at the first blank; a group only at the
 * blank.
 */
export type CommandReader = 'master' | 'group';

/** Takes a line with or without its line end. Never throws. */
export function parseWireCommand(line: string, reader: CommandReader): WireCommand {
  const text = line.replace(/\r?\n?$/, '');
  const colon = reader === 'master' ? text.indexOf(':') : -1;
  const at = colon >= 0 ? colon : text.indexOf(' ');
  return at < 0
    ? { word: text.trim(), argument: '' }
    : { word: text.slice(0, at).trim(), argument: text.slice(at + 1).trim() };
}
