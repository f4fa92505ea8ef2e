/** The unit of a procServ: who it runs as, and what its command line says. Pure. */
import { getopt } from '../../grammar/text/getopt.ts';
import { shellWords } from '../../grammar/text/shell-words.ts';
import { OPTIONS } from '../procserv/options.ts';

export interface ProcServUnit {
  readonly user?: string;
  readonly group?: string;
  /** Absent: it does not run procServ. `%i` and `%I` are `{name}`. */
  readonly line?: {
    readonly file: string;
    /** The last value of each option by its long name; empty where it has none. */
    readonly given: ReadonlyMap<string, string>;
    readonly ports: readonly string[];
    readonly command: readonly string[];
  };
}

export function procServUnit(file: string, text: string): ProcServUnit {
  const whole = text.replaceAll(/\\\n/g, ' ');
  const value = (key: string) => new RegExp(`^[ \\t]*${key}=[ \\t]*(.*)$`, 'm').exec(whole)?.[1]?.trim() || undefined;
  const [user, group] = [value('User'), value('Group')];
  const [program, ...words] = shellWords(value('ExecStart')?.replace(/^[-@:+!|]+/, '') ?? '').words ?? [];
  const who = { ...(user !== undefined && { user }), ...(group !== undefined && { group }) };
  if (program === undefined || !/(^|\/)procServ$/.test(program)) {
    return who;
  }
  const { options, rest } = getopt(OPTIONS, words.map(filled));
  const named = options.flatMap(({ name, value: port }) => (name === 'port' && port !== undefined ? [port] : []));
  return {
    ...who,
    line: {
      file,
      given: new Map(options.map(({ name, value: one }) => [name, one ?? ''])),
      ports: named.length > 0 ? named : rest.slice(0, 1),
      command: named.length > 0 ? rest : rest.slice(1),
    },
  };
}

/** Of the specifiers of systemd those that a template is written for. */
function filled(word: string): string {
  return word.replace(/%([iI%])/g, (_, letter: string) => (letter === '%' ? '%' : '{name}'));
}
