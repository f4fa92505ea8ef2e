/** Files that other programs look for in `share`: manual pages, completions. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { COMMANDS } from '../../src/cli/holdfast/commands.ts';
import { allPrograms } from '../../src/cli/holdfast/parts/programs.ts';
import { completionScript } from '../../src/cli/holdfast/text/completion-script.ts';
import { lines } from '../../src/main/holdfast-programs.late.ts';
import { manualPages } from './manual-pages.ts';

const BASH = 'bash-completion/completions';
const FISH = 'fish/vendor_completions.d';

export function writeShare(folder: string, version: string): void {
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  for (const { name, section, text } of manualPages(version)) {
    write(`man/man${section}/${name}.${section}`, text);
  }
  const [first = '', ...others] = allPrograms(COMMANDS, lines).map(({ name }) => name);
  const programs = [first, ...others];
  write(`${BASH}/${first}`, completionScript('bash', programs));
  write(`zsh/site-functions/_${first}`, completionScript('zsh', programs));
  write(`${FISH}/${first}.fish`, completionScript('fish', programs));
  // These shells look for a file by the name of the program.
  for (const name of others) {
    symlinkSync(first, join(folder, BASH, name));
    symlinkSync(`${first}.fish`, join(folder, FISH, `${name}.fish`));
  }
}
