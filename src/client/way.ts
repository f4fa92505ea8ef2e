/** The way to one server: how a connection is made, and what it means when there is none. */
import type { Socket } from 'node:net';

export type Opened = (error: Error | null, socket?: Socket) => void;

export interface Way {
  /** Of the header `Host`. */
  readonly host: string;
  /** Of every request. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of the question whether the server answers at all, to which every answer is one. */
  readonly probeHeaders: Readonly<Record<string, string>>;
  /** Milliseconds after which a server that has not answered is given up. */
  readonly patience: number;
  /** As `createConnection` of node:http: returns the connection, or calls `opened` once it may be used. */
  connect(options: object, opened: Opened): Socket | undefined;
  /** The error of a failed connection, with advice. */
  fault(error: NodeJS.ErrnoException): Error;
  /** About a server that accepts a connection and then says nothing. */
  silence(connection: Socket | null): Promise<Error>;
}
