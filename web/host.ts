/** The server, for what the page asks it. Nothing waits for ever. */
import { FarHost } from '../src/client/far-host.ts';
import { BrowserTransport } from './transport.ts';

export const host = new FarHost(new BrowserTransport());
