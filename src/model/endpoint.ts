/** Where a server listens. */
export type Endpoint =
  | { readonly kind: 'tcp'; readonly host: string; readonly family: 4 | 6; readonly port: number }
  /** `path` of an abstract socket begins with `@`. Ids are names or numbers, not yet looked up. */
  | {
      readonly kind: 'unix';
      readonly path: string;
      readonly user?: string;
      readonly group?: string;
      readonly mode: number;
    };
