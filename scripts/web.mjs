// The page of `web/`, built into `build/web`: files that have a digest of their contents in their names, an index.html that names them, and a
// manifest of all of them. The gateway serves what is in the manifest (src/gateway/web-files.ts).
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, transform } from 'esbuild';

const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};
/** Views of `web/NAME/` loaded when first opened: entry point, and whether there is a style `NAME.css`. */
const LATER = [
  { view: 'acts', begins: 'web/acts/acts.tsx', styled: true },
  { view: 'console', begins: 'web/console/loaded.ts', styled: true },
  { view: 'log', begins: 'web/log/log-view.tsx', styled: true },
  { view: 'plan', begins: 'web/plan/plan-view.tsx', styled: true },
  { view: 'records', begins: 'web/records/records-view.tsx', styled: true },
  { view: 'why', begins: 'web/why/why-view.tsx', styled: true },
  { view: 'why', begins: 'web/why/plot.ts', styled: false },
  { view: 'header', begins: 'web/parts/header-later.tsx', styled: false },
];
/** The last icon is for a page that is not live. */
const ICON_TEXTS = ['', '1', '2', '3', '4', '5', '6', '7', '8', '9', '9+', '?'];
const COLOURS = { good: '#1f7a3a', bad: '#c8102e', away: '#6b6f76' };

function icon(text) {
  const colour = text === '' ? COLOURS.good : text === '?' ? COLOURS.away : COLOURS.bad;
  const inside =
    text === ''
      ? '<path d="M9 17l5 5 10-11" fill="none" stroke="#fff" stroke-width="4"/>'
      : `<text x="16" y="24" text-anchor="middle" font-family="sans-serif" font-weight="bold" font-size="${text.length > 1 ? 18 : 24}" fill="#fff">${text}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="${colour}"/>${inside}</svg>\n`;
}

/** The error catalogue without its words, which are for the reference page, and for servers that say nothing: 2 kB that a page would load for nothing. */
const withoutWords = {
  name: 'without-words',
  setup({ onLoad }) {
    onLoad({ filter: /\/src\/model\/errors\.ts$/ }, async ({ path }) => {
      const source = readFileSync(path, 'utf8');
      const { code } = await transform(source, { loader: 'ts', format: 'esm' });
      const { ERRORS } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
      const rows = Object.entries(ERRORS).map(([name, { status }]) => `${name.replace(/^HF_/, '')} ${status}`);
      const table = `Object.fromEntries(${JSON.stringify(rows.join(','))}.split(',').map((row) => {
        const [title, status] = row.split(' ');
        return ['HF_' + title, { status: Number(status), title }];
      }))`;
      const contents = source.replace(/(?<=export const ERRORS = )\{.*?^\}(?= as const)/ms, () => table);
      if (contents === source) {
        throw new Error(`${path}: there is no catalogue where one was`);
      }
      return { contents, loader: 'ts' };
    });
  },
};

/**
 * Later views import everything that the list has loaded: otherwise each set of views that shares a module would have it in a file of
 * its own, and small files pack badly. That was 1 kB of the first view.
 */
const onBase = (root) => ({
  name: 'on-base',
  setup({ onLoad }) {
    const begins = new Set(LATER.map(({ begins: path }) => join(root, path)));
    onLoad({ filter: /\/web\/.*\.tsx?$/ }, ({ path }) =>
      begins.has(path)
        ? {
            contents: `import '${join(root, 'web/base.ts')}';\n${readFileSync(path, 'utf8')}`,
            loader: extname(path).slice(1),
          }
        : undefined,
    );
  },
});

const styleOf = (view) => `web/${view}/${view}.css`;

export async function bundleWeb(root) {
  const out = join(root, 'build/web');
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const bundled = async (options) => {
    const { metafile } = await build({
      absWorkingDir: root,
      outdir: 'build/web',
      entryNames: '[name]-[hash]',
      chunkNames: '[name]-[hash]',
      bundle: true,
      minify: true,
      format: 'esm',
      platform: 'browser',
      target: ['chrome119', 'firefox121', 'safari17.4'],
      jsx: 'automatic',
      jsxImportSource: 'preact',
      plugins: [withoutWords, onBase(root)],
      metafile: true,
      legalComments: 'none',
      logLevel: 'warning',
      ...options,
    });
    return Object.entries(metafile.outputs).map(([path, output]) => ({ file: basename(path), ...output }));
  };
  const first = await bundled({
    entryPoints: ['web/feed/feed-worker.ts', ...LATER.filter(({ styled }) => styled).map(({ view }) => styleOf(view))],
    define: { HOLDFAST_VERSION: JSON.stringify(version) },
  });
  const [theme] = await bundled({ entryPoints: ['web/theme/boot.ts'], format: 'iife' });
  const fileOf = (outputs, entry) => outputs.find(({ entryPoint }) => entryPoint === entry).file;
  // One digest for all of them: the page makes the name of each.
  const drawn = ICON_TEXTS.map(icon);
  const icons = `icon-${createHash('sha256').update(drawn.join('')).digest('hex').slice(0, 8)}`;
  for (const [number, svg] of drawn.entries()) {
    writeFileSync(join(out, `${icons}-${number}.svg`), svg);
  }
  const names = {
    feed: fileOf(first, 'web/feed/feed-worker.ts'),
    styles: Object.fromEntries(
      LATER.filter(({ styled }) => styled).map(({ view }) => [view, fileOf(first, styleOf(view))]),
    ),
    icons,
  };
  const app = await bundled({
    entryPoints: ['web/app.tsx'],
    splitting: true,
    define: { WEB_FILES: JSON.stringify(names) },
  });
  const entry = app.find(({ entryPoint }) => entryPoint === 'web/app.tsx');
  const style = basename(entry.cssBundle);
  const filled = readFileSync(join(root, 'web/index.html'), 'utf8')
    .replace('APP.js', entry.file)
    .replace('APP.css', style)
    .replace('THEME.js', theme.file)
    .replace('ICON.svg', `${icons}-0.svg`);
  writeFileSync(join(out, 'index.html'), filled);

  const imported = (from) => [
    from.file,
    ...from.imports
      .filter(({ kind }) => kind === 'import-statement')
      .flatMap(({ path }) => imported(app.find(({ file }) => file === basename(path)))),
  ];
  const views = new Map();
  const isOf = (view, loaded) => {
    for (const file of loaded) {
      views.set(file, [...new Set([...(views.get(file)?.split(' ') ?? []), view])].join(' '));
    }
  };
  for (const { begins, view } of LATER) {
    isOf(view, imported(app.find(({ entryPoint }) => entryPoint === begins)));
  }
  for (const [view, file] of Object.entries(names.styles)) {
    isOf(view, [file]);
  }
  for (const file of ['index.html', theme.file, style, names.feed, `${icons}-0.svg`, ...imported(entry)]) {
    views.set(file, 'first');
  }
  const files = readdirSync(out)
    .sort()
    .map((file) => {
      const bytes = readFileSync(join(out, file));
      const packed = gzipSync(bytes, { level: 9 });
      writeFileSync(join(out, `${file}.gz`), packed);
      const view = views.get(file) ?? (file.startsWith('icon-') ? 'icon' : undefined);
      if (view === undefined) {
        throw new Error(`${file}: no view of LATER loads it`);
      }
      return { file, type: TYPES[extname(file)], view, bytes: bytes.length, gzip: packed.length };
    });
  writeFileSync(join(out, 'manifest.json'), `${JSON.stringify({ files }, undefined, 2)}\n`);
}
