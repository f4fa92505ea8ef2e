import type { Right } from './rights.ts';

/** An endpoint of a console: its notation, with or without the most that whoever comes in there may do. */
export type ConsoleEndpoint = string | { readonly at: string; readonly may: readonly Right[] };

export function notationOf(endpoint: ConsoleEndpoint): string {
  return typeof endpoint === 'string' ? endpoint : endpoint.at;
}

/** Those that have a bound, by their notation; absent: none has. */
export function boundsOf(endpoints: readonly ConsoleEndpoint[]): { bounded?: Record<string, Right[]> } {
  const bounds = endpoints.flatMap((endpoint) =>
    typeof endpoint === 'string' ? [] : [[endpoint.at, [...endpoint.may]] as [string, Right[]]],
  );
  return bounds.length === 0 ? {} : { bounded: Object.fromEntries(bounds) };
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
