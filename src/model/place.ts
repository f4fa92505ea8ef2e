/** A place in the files of a configuration. */
export interface Place {
  readonly file: string;
  readonly line: number;
}
