/** Whether a request that a browser may have sent by itself, with its cookies, was meant by a page of ours. Pure. */
import type { IncomingMessage } from 'node:http';

/**
 * `Origin`, where there is one, was found to be ours. What changes something, and a WebSocket, must say where it comes from; to look, a
 * browser may come by its address bar, but not from another page.
 */
export function isFromOwnPage(
  { headers, method }: Pick<IncomingMessage, 'headers' | 'method'>,
  upgrades: boolean,
): boolean {
  const site = headers['sec-fetch-site'];
  if (upgrades || (method !== 'GET' && method !== 'HEAD')) {
    return site === undefined ? headers.origin !== undefined : site === 'same-origin';
  }
  return site === undefined || site === 'same-origin' || site === 'none';
}

/** Whether a browser says that a page of ours has asked: a program may say so, too, and has no more rights by that. */
export function isOfPage({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  return headers['sec-fetch-site'] === 'same-origin';
}

/**
 * Whether another page had a browser send it, in a frame, a script, an image: a browser adds what it logs in with by itself also where that is
 * not a cookie of ours (a certificate, the login of a proxy). A link is followed by somebody.
 */
export function isFromOtherPage({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  const isOther = ['cross-site', 'same-site'].includes(String(headers['sec-fetch-site']));
  return isOther && headers['sec-fetch-dest'] !== 'document';
}

/** Where somebody goes after a login: a path here, and nothing that a browser takes for another host. */
export function pathHere(to: string | null): string | undefined {
  const isPath = to !== null && /^\/(?![/\\])[!-~]*$/.test(to) && !to.includes('\\') && to.length <= 2048;
  return isPath && new URL(to, 'https://here.invalid').origin === 'https://here.invalid' ? to : undefined;
}
