import type { Row } from './table.ts';

/** The options of the command line for every suite. */
export type Settings = {
  /** Fewer rounds and samples: for a quick look, not for publication. */
  quick: boolean;
  /** Program under test and incumbent instead of the suite's own. */
  ours: string | undefined;
  theirs: string | undefined;
  /** Folder for the logs of the servers. */
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
  /** The compared programs and settings, for the head of the table. */
  describe(settings: Settings): string;
};
