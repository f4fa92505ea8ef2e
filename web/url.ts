/** Built files are in `web/` below the page, wherever a proxy has put that. */
const BASE = new URL('..', import.meta.url);

/** Of a path of the API, or of the gateway's own pages. */
export function urlOf(target: string): URL {
  return new URL(target.replace(/^\//, ''), BASE);
}
