/**
 * The page (`web/`), as the build left it: read once at the start, and served to everybody. There is nothing secret in it; what it shows, it
 * asks for in the name of whoever has logged in (docs/decisions/0126-the-page-is-files.md).
 */
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { ApiPath } from '../model/gateway-protocol.ts';
import { PROBLEM_TYPE, problemOf } from '../model/problem.ts';
import { isFromOwnPage } from './own-page.ts';

export const WEB_PATHS: readonly ApiPath[] = [
  { method: 'GET', path: '/' },
  { method: 'GET', path: '/web/:file' },
];

/** `build/web/manifest.json`. */
export interface WebManifest {
  readonly files: readonly WebFileRow[];
}

export interface WebFileRow {
  readonly file: string;
  readonly type: string;
  /** When it is loaded: with the page (`first`), with the first of a view, or of one of several (`console why`), or as an icon (`icon`). */
  readonly view: string;
  /** Sizes, as it is and packed. */
  readonly bytes: number;
  readonly gzip: number;
}

interface WebFile {
  readonly type: string;
  readonly plain: Buffer;
  readonly packed: Buffer;
}

const PAGE = 'index.html';
/** `style-src`: xterm.js writes style elements of its own. A WebSocket to this host is `'self'`. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  ...["connect-src 'self'", "img-src 'self'", "worker-src 'self'"],
  ...["base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'"],
].join('; ');
const ALWAYS = {
  'content-security-policy': POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  vary: 'accept-encoding',
};
/** Names have a digest of the contents in them. */
const FOR_EVER = 'public, max-age=31536000, immutable';

export class WebFiles {
  readonly #files: ReadonlyMap<string, WebFile>;

  constructor(files: ReadonlyMap<string, WebFile>) {
    this.#files = files;
  }

  /** Throws where the build did not leave it there. */
  static read(folder: string): WebFiles {
    const { files } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as WebManifest;
    const read = ({ file, type }: WebFileRow): readonly [string, WebFile] => [
      file,
      { type, plain: readFileSync(join(folder, file)), packed: readFileSync(join(folder, `${file}.gz`)) },
    ];
    return new WebFiles(new Map(files.map(read)));
  }

  has({ url = '' }: Pick<IncomingMessage, 'url'>): boolean {
    const [path = ''] = url.split('?', 1);
    return path === '/' || path.startsWith('/web/');
  }

  /** To a request that may be answered. */
  answer(request: IncomingMessage, response: ServerResponse): void {
    const [path = ''] = (request.url ?? '').split('?', 1);
    const isPage = path === '/';
    const found = this.#files.get(isPage ? PAGE : path.slice('/web/'.length));
    // A link of another page leads to this one, and to nothing below it.
    if (!isPage && !isFromOwnPage(request, false)) {
      refuse(response, problemOf('HF_FORBIDDEN', 'the files of this page are for this page'));
    } else if (found === undefined) {
      refuse(response, problemOf('HF_NO_ROUTE', 'There is no such file: the page may be another one by now'));
    } else {
      const packs = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
      const body = packs ? found.packed : found.plain;
      response.writeHead(200, {
        ...ALWAYS,
        'content-type': found.type,
        'content-length': body.length,
        'cache-control': isPage ? 'no-cache' : FOR_EVER,
        ...(packs && { 'content-encoding': 'gzip' }),
      });
      response.end(body);
    }
  }
}

function refuse(response: ServerResponse, problem: ReturnType<typeof problemOf>): void {
  response
    .writeHead(problem.status, { ...ALWAYS, 'content-type': PROBLEM_TYPE, 'cache-control': 'no-store' })
    .end(JSON.stringify(problem));
}
