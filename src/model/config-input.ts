/** What a configuration is made from: texts of files, folders of a machine. */

export interface ConfigText {
  /** Absolute path. */
  readonly file: string;
  readonly text: string;
}

/** Where things go if the files do not say. Absolute paths. */
export interface Directories {
  readonly runtimeDir: string;
  readonly stateDir: string;
  /** Absent: `log` in the state directory. */
  readonly logDir?: string;
}

/** What a `[discover.NAME]` table looks for: folders of `dir` named like `match` (one `*`) that have a file `file`. */
export interface DiscoverRequest {
  /** Name of the table. */
  readonly table: string;
  readonly dir: string;
  readonly match: string;
  readonly file: string;
}

export interface FoundFolder {
  /** What stands under the `*`. */
  readonly name: string;
  readonly dir: string;
}

/** What is in an isis.ini (byte string), or why there is no telling. */
export type IniText =
  | { readonly text: string; readonly error?: never }
  | { readonly error: string; readonly text?: never };

/** The folders in the order of their names, or why there is no telling. */
export type Found = readonly FoundFolder[] | { readonly error: string };
