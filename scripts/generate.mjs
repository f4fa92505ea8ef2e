// Writes the documents that are generated from the sources (`npm run generate`); a test fails if they are out of date.
import { node, run } from './own-node.mjs';

run(node, ['scripts/generate/write.ts']);
