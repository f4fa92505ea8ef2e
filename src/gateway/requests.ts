/** Checks of an unauthenticated request: its path, its host, and whether another page sent it. */

import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Problem } from '../model/api.ts';
import type { ApiPath } from '../model/gateway-protocol.ts';
import { literalPattern } from '../model/literal-pattern.ts';
import { problemOf } from '../model/problem.ts';

/** As whom browsers know this host. */
export interface Site {
  /** Whether the certificate is for this name. */
  readonly isName: (host: string) => boolean;
  /** `https://control.example.org`, of a reverse proxy. */
  readonly url?: string;
}

/** Characters of path and query. */
const LONGEST_TARGET = 4096;
/** Characters of a path that are quoted. */
const LONGEST_QUOTE = 200;

/** Node takes the first of them; whoever has looked at the request before may have taken another. */
const ONCE = ['host', 'authorization'] as const;

interface PathRow {
  readonly method: string;
  readonly pattern: RegExp;
  readonly upgrades: boolean;
}

export class Requests {
  readonly #rows: readonly PathRow[];
  readonly #site: Site;

  constructor(paths: readonly ApiPath[], site: Site) {
    this.#site = site;
    this.#rows = paths.map(({ method, path, upgrades = false }) => ({
      ...{ method, upgrades },
      pattern: new RegExp(`^${literalPattern(path).replace(/:\w+/g, '[^/]+')}$`),
    }));
  }

  /** The problem with it; undefined: it may be passed on for a logged-in user. */
  fault(request: IncomingMessage, upgrades: boolean): Problem | undefined {
    const { headers, headersDistinct, method = '', url = '' } = request;
    if (url.length > LONGEST_TARGET || !/^\/[!-~]*$/.test(url)) {
      return problemOf('HF_BAD_REQUEST', `path: not a path, or longer than ${LONGEST_TARGET} characters`, 414);
    }
    const twice = ONCE.find((name) => (headersDistinct[name] ?? []).length > 1);
    if (twice !== undefined) {
      return problemOf('HF_BAD_REQUEST', `${twice}: given twice`);
    }
    if (!this.#isForUs(headers.host)) {
      return problemOf('HF_BAD_REQUEST', 'Host: this is another host', 421);
    }
    if (!this.#isOurs(request)) {
      return problemOf('HF_FORBIDDEN', 'Origin: the page of another host may not ask this one');
    }
    const path = (url.split('?', 1)[0] as string).slice(0, LONGEST_QUOTE);
    const there = this.#rows.filter(({ pattern }) => pattern.test(url.split('?', 1)[0] as string));
    if (there.some((row) => row.method === method && (row.upgrades || !upgrades))) {
      return undefined;
    }
    const allowed = there.map((row) => row.method).join(', ');
    return allowed === '' || upgrades
      ? problemOf('HF_NO_ROUTE', `There is no ${upgrades ? 'WebSocket' : method} at ${path}`)
      : problemOf('HF_NO_ROUTE', `There is no ${method} ${path}; ${allowed} is there`, 405);
  }

  /** A page that has another name for our address (DNS rebinding) is refused; an address cannot be such a name. */
  #isForUs(host = ''): boolean {
    const name = hostOf(host);
    const { isName, url } = this.#site;
    return isHere(name) || isName(name) || (url !== undefined && hostOf(new URL(url).host) === name);
  }

  /** Browsers say whose page asks; programs do not. Behind a proxy, `Host` may be that of the proxy or our address. */
  #isOurs({ headers: { host = '', origin }, socket }: IncomingMessage): boolean {
    const isPlain = !(socket as Partial<TLSSocket>).encrypted;
    return (
      origin === undefined ||
      origin === `https://${host}` ||
      origin === this.#site.url ||
      (isPlain && isHere(hostOf(host)) && origin === `http://${host}`)
    );
  }
}

function isHere(name: string): boolean {
  return isIP(name) !== 0 || name === 'localhost';
}

function hostOf(host: string): string {
  return host
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '')
    .toLowerCase();
}
