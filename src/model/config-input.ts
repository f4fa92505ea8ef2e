/** The inputs of a configuration: texts of files, folders of a machine. */

export interface ConfigText {
  /** Absolute path. */
  readonly file: string;
  readonly text: string;
}

/** Default directories, unless the files set them. Absolute paths. */
export interface Directories {
  readonly runtimeDir: string;
  readonly stateDir: string;
  /** Absent: `log` in the state directory. */
  readonly logDir?: string;
}

/** The search of a `[discover.NAME]` table: folders of `dir` named like `match` (one `*`) that have a file `file`. */
export interface DiscoverRequest {
  /** Name of the table. */
  readonly table: string;
  readonly dir: string;
  readonly match: string;
  readonly file: string;
}

export interface FoundFolder {
  /** The text matched by `*`. */
  readonly name: string;
  readonly dir: string;
}

/** The contents of an isis.ini (byte string), or why they are unknown. */
export type IniText =
  | { readonly text: string; readonly error?: never }
  | { readonly error: string; readonly text?: never };

/** The folders in the order of their names, or why they are unknown. */
export type Found = readonly FoundFolder[] | { readonly error: string };
