import type { Row } from './table.ts';

/** What the command line says to every suite. */
export type Settings = {
  /** Fewer rounds and samples: a look, not a figure to publish. */
  quick: boolean;
  /** Program under test and incumbent instead of the suite's own. */
  ours: string | undefined;
  theirs: string | undefined;
  /** Where logs of the servers go. */
  logDirectory: string;
  /** Path of a compiled program of `bench/native/`. */
  native(name: string): string;
};

/** One quantity or a few that are measured together. */
export type Case = { name: string; run(settings: Settings): Promise<Row[]> };

/** The comparison of one program of ours with one incumbent. */
export type Suite = {
  name: string;
  cases: readonly Case[];
  /** Which programs and settings were compared, for the head of the table. */
  describe(settings: Settings): string;
};
