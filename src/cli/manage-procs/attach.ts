import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import type { Subcommand } from './call.ts';
import { type Address, readInfo } from './info-file.ts';
import { instanceOf, readInstances } from './instances.ts';
import { type Outside, Refused } from './outside.ts';

export const attachCommand: Subcommand = {
  name: 'attach',
  usage: 'NAME [ARGUMENT OF TELNET OR SOCAT]...',
  help: 'reach the console of an instance; ^D detaches',
  options: [],
  operandsBeforeRest: 1,
  operands: [1, Number.POSITIVE_INFINITY],
  run({ words: [word, ...extra], outside, scope, verbose }) {
    const { name } = instanceOf(readInstances(scope, outside), word as string);
    const info = readInfo(join(scope.runDirectory(name), 'info'));
    const address = info?.addresses[0];
    if (!info?.alive || address === undefined) {
      throw new Refused(`'${name}' is not running; start it: manage-procs ${scope.flag} start ${name}`);
    }
    const [program, ...words] = [...clientOf(address), ...extra] as [string, ...string[]];
    const file = find(program, outside);
    if (verbose > 0) {
      outside.err(`manage-procs: ${[file, ...words].join(' ')}\n`);
    }
    return outside.become(file, [program, ...words]);
  },
};

function clientOf(address: Address): string[] {
  if (address.kind === 'tcp') {
    return ['telnet', address.host, address.port];
  }
  const { path } = address;
  const abstract = path.startsWith('@');
  // Characters with a meaning in a socat address.
  const escaped = (abstract ? path.slice(1) : path).replace(/[\\,:!"'()[\]{}]/g, '\\$&');
  return ['socat', '-,raw,echo=0', `${abstract ? 'abstract' : 'unix'}-connect:${escaped}`];
}

/** /usr/bin before PATH, as scripts expect it. */
function find(program: string, { env }: Outside): string {
  for (const folder of ['/usr/bin', ...(env.PATH ?? '').split(':').filter(Boolean)]) {
    const file = join(folder, program);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Look further.
    }
  }
  throw new Refused(`${program} is not installed, and is needed for this instance`);
}
