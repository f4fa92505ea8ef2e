/** The host server: `holdfast-server ARGV0 [-c FILE]`, run by `holdfast up` in its own process. */
import { parseArgs } from 'node:util';
import { serveHost } from './host-server.ts';

const [, , argv0 = 'holdfast', ...words] = process.argv;
const { values } = parseArgs({ args: words, options: { config: { type: 'string', short: 'c' } } });

serveHost(values.config).catch((error: Error) => {
  process.stderr.write(`${argv0}: ${error.message}\n`);
  process.exit(1);
});
