/** The host that the page is from, for all that asks it. */
import { FarHost } from '../src/client/far-host.ts';
import { BrowserTransport } from './transport.ts';

export const host = new FarHost(new BrowserTransport());
