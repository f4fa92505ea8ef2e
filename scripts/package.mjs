// `npm run package`: dist/holdfast-VERSION-linux-ARCH.tar.gz, an installation for hosts without npm and compiler.
import { node, run } from './own-node.mjs';

run(node, ['scripts/package/write.ts', ...process.argv.slice(2)]);
