/** The API of the server. Every request has a time limit. */
import { FarHost } from '../src/client/far-host.ts';
import { BrowserTransport } from './transport.ts';

export const host = new FarHost(new BrowserTransport());

/** Milliseconds. A stop takes the time of its recipe, and large reads are slow. */
export const PATIENCE_MS = 600_000;
export const patient = new FarHost(new BrowserTransport(PATIENCE_MS));
