/** One row of the route table: method, path, schemas and handler together. */
import type { Readable } from 'node:stream';
import type { Static, TObject, TSchema } from 'typebox';
import type { ActingHost } from '../../model/host-port.ts';
import type { LoginPort } from '../../model/login-port.ts';
import type { Verb } from '../../model/rights.ts';
import type { Clock } from '../../platform/time/clock.ts';

export interface Call<Query, Body> {
  /** As the principal at the other end uses it. */
  readonly host: ActingHost;
  /** Only for the gateway itself, which asks on nobody's behalf. */
  readonly logins: LoginPort | undefined;
  readonly clock: Clock;
  /** `:name` of the path; empty where the path has none. */
  readonly name: string;
  readonly query: Query;
  readonly body: Body;
  /** Called for each file opened for the client: throws HF_BUSY for one of the last descriptors. */
  readonly mustKeep: (fd: number) => void;
  /** The client is gone or the server goes down: streams end. */
  readonly ended: AbortSignal;
}

/** An answer that is not a JSON value: bytes as they come. */
export class Streamed {
  readonly type: string;
  readonly stream: Readable;
  constructor(type: string, stream: Readable) {
    this.type = type;
    this.stream = stream;
  }
}

export interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly id: string;
  readonly summary: string;
  readonly query?: TObject;
  readonly body?: TObject;
  /** A larger body than those of other routes is taken only from those who may do this. */
  readonly large?: { readonly bytes: number; readonly verb: Verb };
  /** Status and shape of success; `types` lists possible content types other than JSON. */
  readonly answer: { readonly status: 200 | 202; readonly schema?: TSchema; readonly types?: readonly string[] };
  readonly handle: (call: Call<Record<string, unknown>, Record<string, unknown>>) => unknown;
}

type Parsed<S> = S extends TObject ? Static<S> : Record<string, never>;

/** A route whose handler knows the types of its query and body from their schemas. */
export function route<Query extends TObject | undefined = undefined, Body extends TObject | undefined = undefined>(
  row: Omit<Route, 'handle' | 'query' | 'body'> & {
    readonly query?: Query;
    readonly body?: Body;
    readonly handle: (call: Call<Parsed<Query>, Parsed<Body>>) => unknown;
  },
): Route {
  return row as unknown as Route;
}
