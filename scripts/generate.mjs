// Writes the documents that are made from the sources (`npm run generate`); a test says when they are out of date.
import { node, run } from './own-node.mjs';

run(node, ['scripts/generate/write.ts']);
