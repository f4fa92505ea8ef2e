/** One console in memory behind a real gateway, at which `vera` may do everything. */
import type { TestContext } from 'node:test';
import type { BrowserContext, BrowserContextOptions } from 'playwright-core';
import { FakeHost } from '../fakes/fake-host.ts';
import { openDoor } from '../fakes/open-door.ts';
import { networkDoor } from '../harness/network-door.ts';

export type Open = (options?: BrowserContextOptions) => Promise<BrowserContext>;

export interface SmallSite {
  readonly host: FakeHost;
  readonly open: Open;
  readonly url: string;
  /** A link that logs in. */
  readonly login: string;
  /** The row of `vac` says this. */
  change(lastLine: string): void;
}

/** Clients on this host count as a proxy, and may name the user. */
export const USER_HEADER = 'x-forwarded-user';

export async function smallSite(t: TestContext, open: Open): Promise<SmallSite> {
  const host = new FakeHost();
  const { overrides } = host.add('vac');
  const place = { host: '127.0.0.1', port: 0, plain: true } as const;
  const proxy = { userHeader: USER_HEADER, networks: ['127.0.0.1'], uids: [] };
  const { listens } = await networkDoor(t, openDoor(host), { listen: [place], proxy });
  const url = listens[0]?.[0] ?? '';
  return {
    ...{ host, open, url, login: `${url}/login/once#good` },
    change(lastLine) {
      Object.assign(overrides, { lastLine });
      host.emit({ type: 'note', console: 'vac', text: 'it has changed' });
    },
  };
}
