// `npm run coverage`: what the unit tests reach of src/, by room; words name folders of src/ whose files are listed too.
import { node, run } from './own-node.mjs';

run(node, ['scripts/coverage/table.ts', ...process.argv.slice(2)]);
