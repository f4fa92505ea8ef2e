/** Cookies of the gateway. `__Host-`: a browser takes them over TLS only, from this host only, and no other host can set them. Pure. */

/** Their names. */
export interface Cookies {
  /** A session. */
  readonly session: string;
  /** A login that has begun in this browser. */
  readonly begun: string;
}

/**
 * A browser has one set of cookies for all ports of a host, and for all paths of a proxy: without the server in their names, a login to one
 * server would end that to another.
 */
export function cookiesOf(server: string): Cookies {
  const session = `__Host-holdfast-${server}`;
  return { session, begun: `${session}-login` };
}

/** Bytes of a header that are looked at. */
const LONGEST = 8192;

/** The first of that name. */
export function cookieIn(header: string | undefined, name: string): string | undefined {
  return (header ?? '')
    .slice(0, LONGEST)
    .split(';')
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1);
}

/** For a `Set-Cookie`. Lax: it comes along when a link of another page leads here, and with nothing else that another page does. */
export function setCookie(name: string, value: string, forMs: number): string {
  return `${name}=${value}; Max-Age=${Math.max(0, Math.floor(forMs / 1000))}; Path=/; Secure; HttpOnly; SameSite=Lax`;
}

export function endCookie(name: string): string {
  return setCookie(name, '', 0);
}
