// Preloaded into every test file (scripts/test.mjs), which is a process of its own: they load
// TypeBox (375 modules), ws and Fastify as one module each, without what those load of Node and seldom use.
import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const BUILD = join(import.meta.dirname, '../../build/test');

registerHooks({
  resolve(specifier, context, next) {
    if (/^(typebox(\/.*)?|ws|fastify)$/.test(specifier)) {
      const path = join(BUILD, `${specifier}.mjs`);
      if (existsSync(path)) {
        return { url: pathToFileURL(path).href, shortCircuit: true };
      }
    }
    return next(specifier, context);
  },
});
