/** procServ.conf and the files of procServ.d: INI sections -> instances of procServ (spec/procserv.md 11). Pure. */
import type { ConfigProblem } from '../../model/config.ts';
import type { ConfigText } from '../../model/config-input.ts';
import { didYouMean } from '../../model/nearest-word.ts';
import type { Place } from '../../model/place.ts';
import { parseIni } from './ini.ts';

/** One section that is an instance; absent: not said. */
export interface ProcServInstance {
  readonly name: string;
  readonly place: Place;
  /** A line for the splitter of shell words. Absent only where a problem says so. */
  readonly command?: string;
  readonly chdir: string;
  readonly user: string;
  readonly group: string;
  /** `0`: the socket in the run directory. */
  readonly port: string;
  /** ConditionHost of systemd. */
  readonly host?: string;
  /** `"NAME=VALUE"` words, as systemd reads them. */
  readonly environment?: string;
  readonly envFile?: string;
  /** The place of each key that was set, in this section or in [DEFAULT]. */
  readonly places: ReadonlyMap<string, Place>;
}

export interface ProcServConf {
  readonly instances: readonly ProcServInstance[];
  /** Sections with `instance = false`. */
  readonly templates: readonly string[];
  /** In the order of the files and lines. */
  readonly problems: readonly ConfigProblem[];
  /** Unknown keys of instances: reported but not fatal, since a value may exist only to be referred to. */
  readonly unknown: readonly ConfigProblem[];
}

const KEYS = ['command', 'chdir', 'user', 'group', 'port', 'instance', 'host', 'environment', 'env_file'];
const TRUE = ['1', 'yes', 'true', 'on'];
const FALSE = ['0', 'no', 'false', 'off'];

/** `texts` in the order in which they are read. Never throws. */
export function procServConf(texts: readonly ConfigText[]): ProcServConf {
  const { sections, problems: form } = parseIni(texts);
  const problems = [...form];
  const instances: ProcServInstance[] = [];
  const templates: string[] = [];
  const unknown: ConfigProblem[] = [];
  for (const section of sections.values()) {
    const { name, place } = section;
    const get = (key: string) => section.get(key, problems) || undefined;
    const said = get('instance')?.toLowerCase() ?? '1';
    if (FALSE.includes(said)) {
      templates.push(name);
      continue;
    }
    const where = (key: string) => section.find(key)?.place ?? place;
    if (!TRUE.includes(said)) {
      const message = `expected true or false, not '${said}'`;
      problems.push({ ...where('instance'), key: `${name}.instance`, message });
    }
    if (section.find('command') === undefined || section.find('command')?.raw === '') {
      const message = "needs 'command', or 'instance = false' if others refer to it";
      problems.push({ ...where('command'), key: `${name}.command`, message });
    }
    for (const key of section.own.keys()) {
      if (!KEYS.includes(key)) {
        const message = `is not a key of procServ.conf${didYouMean(key, KEYS)}`;
        unknown.push({ ...where(key), key: `${name}.${key}`, message });
      }
    }
    const optional = { command: get('command'), host: get('host'), environment: get('environment') };
    const envFile = get('env_file');
    instances.push({
      name,
      place,
      ...(Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)) as Partial<
        Pick<ProcServInstance, 'command' | 'host' | 'environment'>
      >),
      ...(envFile !== undefined && { envFile }),
      chdir: get('chdir') ?? '/',
      user: get('user') ?? 'nobody',
      group: get('group') ?? 'nogroup',
      port: get('port') ?? '0',
      places: new Map([...section.keys()].map((key) => [key, where(key)])),
    });
  }
  return { instances, templates, problems: inOrder(once(problems), texts), unknown };
}

/** A bad value of [DEFAULT] is bad in every section. */
function once(problems: readonly ConfigProblem[]): ConfigProblem[] {
  const told = new Set<string>();
  return problems.filter(({ file, line, message }) => {
    const mark = JSON.stringify([file, line, message]);
    return told.has(mark) ? false : told.add(mark);
  });
}

function inOrder(problems: ConfigProblem[], texts: readonly ConfigText[]): ConfigProblem[] {
  const order = new Map(texts.map(({ file }, index) => [file, index]));
  return problems.sort((a, b) => (order.get(a.file) ?? 0) - (order.get(b.file) ?? 0) || a.line - b.line);
}
