/** Names of built files, which have a digest of their contents in them; the bundler puts them in (scripts/web.mjs). */
declare const WEB_FILES: {
  /** Module of the feed, for a SharedWorker. */
  readonly feed: string;
  /** Style of a console. */
  readonly consoleStyle: string;
  /** Icons by the number that they show: none, 1 to 9, more; the last one: not live. */
  readonly icons: readonly string[];
};

declare module '*.css';
