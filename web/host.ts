/** The host that this page is of, over its API. */
import { FarHost } from '../src/client/far-host.ts';
import { BrowserTransport } from './transport.ts';

export const host = new FarHost(new BrowserTransport());
