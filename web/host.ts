/** The server, for what the page asks it. Nothing waits for ever. */
import { FarHost } from '../src/client/far-host.ts';
import { BrowserTransport } from './transport.ts';

export const host = new FarHost(new BrowserTransport());

/** Milliseconds. What is stopped has its stop recipe, and may be slow; so may be what is read whole. */
export const PATIENCE_MS = 600_000;
export const patient = new FarHost(new BrowserTransport(PATIENCE_MS));
