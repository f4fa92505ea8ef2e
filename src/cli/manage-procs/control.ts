/** start, stop, restart, list and logs: done by systemd. */
import { type Call, type Subcommand, systemctl } from './call.ts';
import { readInstances } from './instances.ts';
import { Refused } from './outside.ts';
import { unitName } from './unit.ts';

function verb(name: 'start' | 'stop' | 'restart', help: string): Subcommand {
  return {
    name,
    usage: 'NAME...',
    help: `${help}; NAME may be a pattern with * ? [...]`,
    options: [],
    operands: [1, Number.POSITIVE_INFINITY],
    run: (call) => systemctl(call, [name, ...units(call)]),
  };
}

export const startCommand = verb('start', 'start instances');
export const stopCommand = verb('stop', 'stop instances');
export const restartCommand = verb('restart', 'stop instances and start them again');

/** A plain name goes to systemd unchanged: an instance removed from the configuration may still run. */
function units({ words, scope, outside }: Call): string[] {
  const names = new Set<string>();
  const configured = words.some(isPattern) ? readInstances(scope, outside).instances : [];
  for (const word of words) {
    if (!isPattern(word)) {
      names.add(word);
      continue;
    }
    const pattern = globPattern(word);
    const matching = configured.filter(({ name }) => pattern.test(name));
    if (matching.length === 0) {
      throw new Refused(`no instance matches '${word}'; \`manage-procs status\` shows them all`);
    }
    for (const { name } of matching) {
      names.add(name);
    }
  }
  return [...names].map(unitName);
}

function isPattern(word: string): boolean {
  return /[*?[]/.test(word);
}

function globPattern(glob: string): RegExp {
  const parts = glob.match(/\[[!^]?\]?[^\]]*\]|[\s\S]/g) ?? [];
  const source = parts.map((part) => {
    if (part === '*' || part === '?') {
      return part === '*' ? '.*' : '.';
    }
    const [, negated, set] = /^\[([!^]?)(.+)\]$/s.exec(part) ?? [];
    if (set === undefined) {
      return part.replace(/[^\w]/g, '\\$&');
    }
    return `[${negated ? '^' : ''}${set.replace(/[\\\]^[]/g, '\\$&')}]`;
  });
  try {
    return new RegExp(`^${source.join('')}$`, 's');
  } catch {
    throw new Refused(`'${glob}' is not a pattern: a range in [...] is the wrong way round`);
  }
}

export const listCommand: Subcommand = {
  name: 'list',
  usage: '',
  help: 'list the units of the instances, as systemd sees them',
  options: [{ name: 'all', argument: 'none', help: 'also those that are not loaded or have ended' }],
  operands: [0, 0],
  run: (call) => systemctl(call, ['list-units', ...(call.options.has('all') ? ['--all'] : []), 'procserv-*']),
};

export const logsCommand: Subcommand = {
  name: 'logs',
  usage: 'NAME [OPTION OF JOURNALCTL]...',
  help: 'show the console log of an instance in the journal (-f: follow, -n N: last lines, --since ...)',
  options: [],
  operandsBeforeRest: 1,
  operands: [1, Number.POSITIVE_INFINITY],
  run({ words: [name, ...rest], scope, outside }) {
    const unit = scope.flag === '--user' ? '--user-unit' : '--unit';
    return outside.run('journalctl', [unit, unitName(name as string), ...rest]);
  },
};
