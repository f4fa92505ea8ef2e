// `npm test`: lint, room walls, types, then every test. Words on the command line name files to test instead of all.
import { join } from 'node:path';
import { installDebianPackages } from './debian.mjs';
import { node, root, run } from './own-node.mjs';

const bin = (name) => join(root, 'node_modules/.bin', name);
const chosen = process.argv.slice(2);

if (chosen.length === 0) {
  run(bin('biome'), ['check', '--error-on-warnings', '.']);
  run(bin('tsc'), ['-p', 'tsconfig.pure.json']);
  run(bin('tsc'), ['-p', 'tsconfig.json']);
}
installDebianPackages();
const files =
  chosen.length > 0 ? chosen : ['test/unit/**/*.test.ts', 'test/system/**/*.test.ts', 'test/interop/**/*.test.ts'];
run(node, ['--test', '--test-reporter=spec', '--test-timeout=300000', ...files], {
  ...process.env,
  PATH: `${process.env.PATH}:/usr/sbin:/sbin`,
});
