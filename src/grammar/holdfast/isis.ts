/** `[isis.NAME]` -> the configuration of an ISIS server, or what is wrong with it. Pure. */
import type { ConfigProblem, IsisInstanceConfig } from '../../model/config.ts';
import type { IniText } from '../../model/config-input.ts';
import { fillIn } from '../../model/fill-in.ts';
import {
  DEFAULT_SPEED,
  defaultIsisConfig,
  type IsisConfig,
  LINE_SPEEDS,
  MOST_TTY_PORTS,
  MOST_UDP_PORTS,
} from '../../model/isis-config.ts';
import { IsisSchema, type IsisTable } from '../../model/isis-schema.ts';
import { milliseconds } from '../../model/units.ts';
import { parseIsisIni } from '../isis/ini.ts';
import { folderOf, resolvePath } from '../text/file-paths.ts';
import type { Schema } from '../text/schema-check.ts';
import { defaultsOf } from './layers.ts';
import type { ConfigTables, PlacedTable } from './tables.ts';

const BUILT_IN = defaultsOf(IsisSchema as unknown as Schema) as Required<Omit<IsisTable, 'ini'>>;

/** Absolute paths of the isis.ini files that the tables name. */
export function iniFiles(tables: ConfigTables): string[] {
  return [...tables.isis.values()].flatMap((placed) => iniOf(placed) ?? []);
}

/**
 * Every instance, in the order of the files. `inis`: the contents of the files of `iniFiles`; a missing one is not
 * checked.
 */
export function isisInstances(
  tables: ConfigTables,
  logDir: string,
  inis: ReadonlyMap<string, IniText>,
  problems: ConfigProblem[],
): IsisInstanceConfig[] {
  const instances: IsisInstanceConfig[] = [];
  for (const [name, placed] of tables.isis) {
    const found = problems.length;
    const ini = iniOf(placed);
    const settings =
      ini === undefined
        ? ofTable(name, placed, logDir, problems)
        : ofIni(placed, ini, inis.get(ini) ?? { text: '' }, problems);
    if (problems.length === found) {
      const place = { file: placed.file, line: placed.line() };
      instances.push({ name, place, source: ini ?? placed.file, settings });
    }
  }
  problems.push(...clashes(instances, tables));
  return instances;
}

function iniOf({ table: { ini }, file }: PlacedTable<IsisTable>): string | undefined {
  return ini === undefined ? undefined : resolvePath(folderOf(file), ini);
}

function ofIni(placed: PlacedTable<IsisTable>, path: string, ini: IniText, problems: ConfigProblem[]): IsisConfig {
  const other = Object.keys(placed.table).find((key) => key !== 'ini');
  if (other !== undefined) {
    problems.push(placed.problem([other], "'ini' is given, and that file says everything; remove one of them"));
  }
  if (ini.error !== undefined) {
    problems.push(placed.problem(['ini'], `${path} cannot be read: ${ini.error}`));
  }
  const { config, notices } = parseIsisIni(ini.text ?? '');
  // The program `isis` ignores most mistakes, as the original does; here they are reported, since somebody is there to
  // fix them.
  for (const { line, text } of notices) {
    problems.push({ file: path, line, key: '', message: text });
  }
  return config;
}

function ofTable(name: string, placed: PlacedTable<IsisTable>, logDir: string, problems: ConfigProblem[]): IsisConfig {
  const given = { ...BUILT_IN, ...placed.table };
  for (const [key, most] of [
    ['serial', given.max_serial],
    ['presets', given.max_presets],
  ] as const) {
    if (given[key].length > most) {
      problems.push(placed.problem([key], `${given[key].length} of them are too many; ${most} is the most`));
    }
  }
  const lines = given.serial.map((text) => {
    const [, device = text, baud = DEFAULT_SPEED] = /^(\S+) +(\d+)$/.exec(text) ?? [];
    if (!LINE_SPEEDS.includes(Number(baud))) {
      problems.push(placed.problem(['serial'], `${baud} is not a speed of serial lines, such as 9600 or 115200`));
    }
    return { device, baud: Number(baud) };
  });
  const speeds = lines.flatMap(({ device, baud }) => (baud === DEFAULT_SPEED ? [] : [[device, baud] as const]));
  const address = (text: string, path: readonly string[]) => {
    const [quad = '', port] = text.split(':');
    if (port !== undefined && (Number(port) < 1 || Number(port) > 65535)) {
      problems.push(placed.problem([...path], `port ${port} is not one of 1 to 65535`));
    }
    return { address: quad, ...(port === undefined ? {} : { port: Number(port) }) };
  };
  return {
    ...defaultIsisConfig(),
    serverId: given.id,
    serverPort: given.port,
    listen: given.listen,
    log: given.log !== false,
    serverLog: resolvePath(logDir, fillIn(String(given.log || BUILT_IN.log), name)),
    logDate: given.log_date === 'utc' ? 'UTC' : 'OBS',
    ttyPorts: lines.map(({ device }) => device),
    ...(speeds.length > 0 && { ttySpeeds: new Map(speeds) }),
    ...(given.max_serial !== MOST_TTY_PORTS && { maxTtyPorts: given.max_serial }),
    ...(given.max_presets !== MOST_UDP_PORTS && { maxUdpPorts: given.max_presets }),
    udpPorts: given.presets.map((text) => ({ port: 0, ...address(text, ['presets']) })),
    handshaking: given.handshake,
    maxHosts: given.max_hosts,
    hostExpiry: milliseconds(given.host_expiry) / 1000,
    allow: given.allow.map((network) => (network.includes('/') ? network : `${network}/32`)),
    pins: Object.entries(given.pins).map(([host, text]) => ({
      name: host.toUpperCase(),
      ...address(text, ['pins', host]),
    })),
    rateLimit: given.rate_limit,
    extendedCommands: given.extended_commands,
    aliasAll: given.alias_all,
  };
}

/** Instances that want the same port, line or log; a console with the name of an instance in the history. */
function clashes(instances: readonly IsisInstanceConfig[], tables: ConfigTables): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const users = new Map<string, string>();
  for (const { name, settings } of instances) {
    const placed = tables.isis.get(name) as PlacedTable<IsisTable>;
    const uses: [what: string, key: string][] = settings.ttyPorts.map((device) => [`line ${device}`, 'serial']);
    if (settings.serverPort !== 0) {
      uses.push([`port ${settings.serverPort} of ${settings.listen}`, 'port']);
    }
    if (settings.log) {
      uses.push([`log ${settings.serverLog}`, 'log']);
    }
    for (const [what, key] of uses) {
      const other = users.get(what);
      if (other !== undefined) {
        problems.push(placed.problem(key in placed.table ? [key] : [], `${what} is used by isis '${other}' too`));
      }
      users.set(what, name);
    }
    if (tables.console.has(`isis.${name}`)) {
      problems.push(placed.problem([], `a console is named 'isis.${name}' too; rename one of them`));
    }
  }
  return problems;
}
