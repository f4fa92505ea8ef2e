// The page as files: how large they are, how the gateway serves them, what they may import.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { WebManifest } from '../../src/gateway/web-files.ts';
import { FakeHost } from '../fakes/fake-host.ts';
import { openDoor } from '../fakes/open-door.ts';
import { missing } from '../harness/machine.ts';
import { networkDoor } from '../harness/network-door.ts';
import { LARGEST_FILE } from '../rooms.ts';

const ROOT = join(import.meta.dirname, '../..');
const BUILT = join(ROOT, 'build/web');
/** Bytes, packed: of what is loaded with the list, with the first console, and with the first of any other view. */
const MOST = { first: 25_000, console: 120_000, other: 40_000 };
/** Rooms of src/ whose files run in a browser. */
const ROOMS = /^(model|client|platform\/time)\//;

const { files } = JSON.parse(readFileSync(join(BUILT, 'manifest.json'), 'utf8')) as WebManifest;

test('the list is at most 25 kB, a console at most 120 kB, any other view at most 40 kB', () => {
  const viewsOf = ({ view }: { readonly view: string }) => view.split(' ');
  const views = new Set(files.flatMap(viewsOf));
  assert.ok(views.has('first') && views.has('console'));
  for (const view of views) {
    const parts = files.filter((each) => viewsOf(each).includes(view));
    const sum = parts.reduce((bytes, { gzip }) => bytes + gzip, 0);
    const most = MOST[view === 'first' || view === 'console' ? view : 'other'];
    assert.ok(sum <= most, `${view}: ${sum} bytes in ${parts.map(({ file }) => file)}`);
  }
});

test('what is in the manifest is what is there, packed and not', () => {
  const there = readdirSync(BUILT).filter((file) => file !== 'manifest.json' && !file.endsWith('.gz'));
  assert.deepEqual(
    files.map(({ file }) => file),
    there.sort(),
  );
  for (const { bytes, file, gzip } of files) {
    const packed = readFileSync(join(BUILT, `${file}.gz`));
    assert.deepEqual([packed.length, gunzipSync(packed).length], [gzip, bytes], file);
  }
});

test('the gateway serves it to everybody, with what keeps other pages out of it', {
  skip: missing('openssl'),
}, async (t) => {
  const { exchange, logins } = await networkDoor(t, openDoor(new FakeHost()));
  const get = async (path: string, headers = '') => {
    const answer = await exchange(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n${headers}Connection: close\r\n\r\n`);
    const [head = '', body = ''] = answer.split('\r\n\r\n', 2);
    return { status: Number(head.split(' ')[1]), head, body };
  };
  const page = await get('/?from=a-chat', 'Sec-Fetch-Site: cross-site\r\n');
  assert.equal(page.status, 200);
  assert.match(page.head, /\r\ncontent-type: text\/html; charset=utf-8\r\n[\s\S]*\r\ncache-control: no-cache\r\n/);
  const policy = /content-security-policy: (.*)/.exec(page.head)?.[1] ?? '';
  assert.match(policy, /^default-src 'none'; /);
  assert.doesNotMatch(policy.replace("style-src 'self' 'unsafe-inline'", ''), /unsafe|https?:|\*|data:|blob:/);
  assert.match(policy, /frame-ancestors 'none'/);
  for (const header of ['x-content-type-options: nosniff', 'referrer-policy: no-referrer']) {
    assert.ok(page.head.includes(`\r\n${header}\r\n`), header);
  }
  // Nothing from elsewhere, and nothing that breaks below a path.
  const names = [...page.body.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, name = '']) => name);
  assert.ok(names.length >= 3);
  for (const name of names) {
    assert.match(name, /^web\/[\w.-]+$/);
    const plain = await get(`/${name}`, 'Sec-Fetch-Site: same-origin\r\n');
    assert.equal(plain.status, 200, name);
    assert.match(plain.head, /\r\ncache-control: public, max-age=31536000, immutable\r\n/);
    const packed = await get(`/${name}`, 'Accept-Encoding: br, gzip\r\n');
    assert.match(packed.head, /\r\ncontent-encoding: gzip\r\n/);
    assert.equal(gunzipSync(Buffer.from(packed.body, 'latin1')).toString('latin1'), plain.body);
    assert.equal((await get(`/${name}`, 'Sec-Fetch-Site: cross-site\r\n')).status, 403);
  }
  for (const path of ['/web/', '/web/manifest.json', '/web/..%2f..%2fpackage.json', '/web/__proto__', '/web/a/b']) {
    assert.equal((await get(path)).status, 404, path);
  }
  assert.deepEqual(logins.asked, [], 'nobody was asked who that is');
});

test('the page imports of src/ only what runs in a browser, and its files are small', () => {
  const sources = readdirSync(join(ROOT, 'web'), { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && /\.tsx?$/.test(entry.name),
  );
  assert.ok(sources.length > 20);
  for (const { name, parentPath } of sources) {
    const text = readFileSync(join(parentPath, name), 'utf8');
    assert.ok(text.split('\n').length < LARGEST_FILE, name);
    for (const [, path = ''] of text.matchAll(/from '(?:\.\.\/)+src\/([^']*)'/g)) {
      assert.match(path, ROOMS, `${name} imports ${path}`);
    }
  }
});
