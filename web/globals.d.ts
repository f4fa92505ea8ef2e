/** Names of built files, which have a digest of their contents in them; the bundler puts them in (scripts/web.mjs). */
declare const WEB_FILES: {
  /** Module of the feed, for a SharedWorker. */
  readonly feed: string;
  /** Styles of views loaded later: `web/NAME/NAME.css`. */
  readonly styles: {
    readonly acts: string;
    readonly console: string;
    readonly log: string;
    readonly plan: string;
    readonly why: string;
    readonly records: string;
  };
  /** Of the icons `ICONS-NUMBER.svg`, by what they show: 0 to 9, 10 more than that, 11 not live. */
  readonly icons: string;
};

declare module '*.css';
