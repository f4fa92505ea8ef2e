/** The result of reading another tool's configuration: consoles, and everything that could not be carried over. */

import type { ConsoleTable, DiscoverTable } from '../../model/config-schema.ts';
import type { ConserverTable } from '../../model/conserver-schema.ts';
import type { Place } from '../../model/place.ts';

export interface Note {
  readonly place: Place;
  readonly text: string;
}

export interface ImportedConsole {
  readonly name: string;
  readonly place: Place;
  readonly table: ConsoleTable;
  /** Differences and omissions: printed above the table and on standard error. */
  readonly notes: readonly Note[];
}

export interface Imported {
  /** The names that `discover` finds now. */
  readonly found?: readonly string[];
  /** Notes that apply to all of them. */
  readonly about: readonly string[];
  readonly template?: { readonly name: string; readonly table: ConsoleTable };
  readonly discover?: { readonly name: string; readonly table: DiscoverTable };
  /** With the place and the notes of what it was made from. */
  readonly conserver?: { readonly table: ConserverTable; readonly place: Place; readonly notes: readonly Note[] };
  readonly consoles: readonly ImportedConsole[];
  /** Notes about what did not become a console. */
  readonly notes: readonly Note[];
  /** Why this cannot be carried over at all; nothing is printed or written then. */
  readonly problems: readonly Note[];
  /** Why there is nothing to import although the files are there. */
  readonly nothing?: string;
}

/** The information that readers need from the machine. */
export interface ImportSource {
  /** Files and folders as given; none: the usual places. */
  readonly paths: readonly string[];
  readonly user: boolean;
  /** Where the sockets are: `/run`, or that of the user. */
  readonly runtime: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly hostname: string;
  /** The program of `[discover]`, if it is given. */
  readonly iocsh?: string;
}
