// `npm run coverage`: the coverage of src/ by the unit tests, by room; arguments name folders of src/ whose files are
// listed too.
import { node, run } from './own-node.mjs';

run(node, ['scripts/coverage/table.ts', ...process.argv.slice(2)]);
