// Writes the documents that are made from the sources (`npm run generate`); tests say when they are out of date.
import { node, run } from './own-node.mjs';

run(node, ['scripts/generate/write.ts']);
run(node, ['--test', 'test/unit/cli/reference.test.ts'], { ...process.env, UPDATE_REFERENCE: '1' });
