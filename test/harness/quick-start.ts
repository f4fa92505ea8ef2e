// Preloaded into every test file (scripts/test.mjs), which is a process of its own: the files of a run share what V8 and
// the removal of types have made of the sources, and load TypeBox (375 modules) as one.
import { existsSync } from 'node:fs';
import { enableCompileCache, registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const BUILD = join(import.meta.dirname, '../../build/test');

enableCompileCache(join(BUILD, 'compile-cache'));
registerHooks({
  resolve(specifier, context, next) {
    if (/^typebox(\/|$)/.test(specifier)) {
      const path = join(BUILD, `${specifier}.mjs`);
      if (existsSync(path)) {
        return { url: pathToFileURL(path).href, shortCircuit: true };
      }
    }
    return next(specifier, context);
  },
});
