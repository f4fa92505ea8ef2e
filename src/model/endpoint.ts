import type { Right } from './rights.ts';

/** An endpoint of a console: its notation, with or without the most that whoever comes in there may do. */
export type ConsoleEndpoint = string | { readonly at: string; readonly may: readonly Right[] };

export function notationOf(endpoint: ConsoleEndpoint): string {
  return typeof endpoint === 'string' ? endpoint : endpoint.at;
}

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
