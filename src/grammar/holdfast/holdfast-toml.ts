/**
 * The texts of all configuration files -> the configuration, or everything that is wrong with them. Precedence of a
 * console's values: its own table, its templates, discovery, `[defaults]`, built-in defaults. Pure.
 */
import type { ConfigProblem, HostConfig, ServerConfig } from '../../model/config.ts';
import type { Directories, Found, IniText } from '../../model/config-input.ts';
import { ConfigSchema, type ServerTable } from '../../model/config-schema.ts';
import { propertyOf } from '../../model/keys/record.ts';
import { SERVER_KEYS, type ServerKey } from '../../model/keys/server-keys.ts';
import { folderOf, resolvePath } from '../text/file-paths.ts';
import type { Schema } from '../text/schema-check.ts';
import { accessConfig } from './access.ts';
import { auditConfig } from './audit.ts';
import { clashes, type LayeredConsole, type ResolvedConsole, unknownAfter } from './clashes.ts';
import { addConserverConsoles, type ConserverFound, conserverListener } from './conserver.ts';
import { consoleConfig } from './console.ts';
import { discovered } from './discovered.ts';
import { originOf } from './effective.ts';
import { isisInstances } from './isis.ts';
import { defaultsOf, LayerFinder } from './layers.ts';
import { networkConfig } from './network.ts';
import type { ConfigTables, PlacedTable } from './tables.ts';
import { valueProblems } from './values.ts';

export interface ConfigInput {
  /** Of all files; consumed by this. */
  readonly tables: ConfigTables;
  readonly directories: Directories;
  /** The findings for each of `discoverRequests`. */
  readonly found: ReadonlyMap<string, Found>;
  /** The contents of the files of `iniFiles`. */
  readonly inis?: ReadonlyMap<string, IniText>;
  /** The contents of `conserverFiles`. */
  readonly conserver?: ConserverFound;
  /** Earlier problems: files that cannot be read. */
  readonly unreadable?: readonly ConfigProblem[];
}

export type ConfigResult =
  /** `warnings`: about what is left out because it could not be read or cannot be a console. */
  | {
      readonly config: HostConfig;
      readonly problems?: never;
      readonly warnings: readonly ConfigProblem[];
    }
  /** In the order of the files and lines; never empty. */
  | {
      readonly config?: never;
      readonly problems: readonly ConfigProblem[];
      readonly warnings?: never;
    };

export function holdfastToml({
  tables,
  directories,
  found,
  inis = new Map(),
  conserver,
  unreadable = [],
}: ConfigInput): ConfigResult {
  tables.incomplete ||= unreadable.length > 0;
  const problems = [...unreadable, ...tables.problems];
  for (const table of [...tables.defaults, ...tables.template.values()]) {
    problems.push(...valueProblems(table, false));
  }
  for (const table of tables.console.values()) {
    problems.push(...valueProblems(table, true));
  }
  const server = serverConfig(tables.server, directories);
  const finder = new LayerFinder(tables, problems);
  const layered: LayeredConsole[] = [];
  const resolved: ResolvedConsole[] = [];
  const { consoles, warnings, unread } = discovered(tables, found);
  addConserverConsoles(consoles, conserver, problems);
  for (const [name, { own, between, below, foundIn }] of consoles) {
    const layers = finder.of(own, between, below);
    layered.push({ name, layers });
    const config = consoleConfig(name, layers, server, foundIn);
    if ('name' in config) {
      resolved.push({ config, layers });
    } else {
      // The name of a folder may be too long for a socket: that is not a mistake of the files.
      (tables.console.has(name) || foundIn === undefined ? problems : warnings).push(...config);
    }
  }
  finder.checkAll();
  const names = new Set([...consoles.keys(), ...tables.refused]);
  problems.push(
    ...clashes(
      resolved,
      OWN_SOCKETS.map((socket) => resolvePath(server.runtimeDir, socket)),
    ),
    ...unknownAfter(layered, { names, incomplete: tables.incomplete }),
  );
  const isis = isisInstances(tables, server.logDir, inis, problems);
  const listener = conserverListener(tables, conserver, { names, incomplete: tables.incomplete }, problems);
  const access = accessConfig(
    tables,
    {
      names: new Set([...names, ...isis.map(({ name }) => `isis.${name}`)]),
      groups: new Set(resolved.flatMap(({ config }) => config.groups)),
      incomplete: tables.incomplete,
    },
    { problems, warnings },
  );
  const audit = auditConfig(tables, problems);
  const network = networkConfig(tables, problems);
  const { files } = tables;
  return problems.length > 0
    ? { problems: inOrder(problems, files) }
    : {
        config: {
          server,
          consoles: resolved.map(({ config, layers }) => ({ ...config, origin: originOf(layers) })),
          isis,
          files,
          unread,
          ...(listener && { conserver: listener }),
          ...(access && { access }),
          ...(audit && { audit }),
          ...(network && { network }),
        },
        warnings: inOrder(warnings, files),
      };
}

/** Below `runtime_dir`. */
const OWN_SOCKETS = ['control', 'holder', 'gateway'];

function inOrder(problems: readonly ConfigProblem[], files: readonly string[]): ConfigProblem[] {
  const order = new Map(files.map((file, index) => [file, index]));
  const rank = ({ file }: ConfigProblem) => order.get(file) ?? -1;
  return [...problems].sort((a, b) => rank(a) - rank(b) || a.line - b.line);
}

const SERVER_RECORDS = Object.entries(SERVER_KEYS) as readonly (readonly [key: keyof ServerTable, record: ServerKey])[];
const BUILT_IN = defaultsOf(ConfigSchema.properties.server as unknown as Schema) as ServerTable;

function serverConfig(tables: readonly PlacedTable<ServerTable>[], directories: Directories): ServerConfig {
  const config: Record<string, unknown> = {};
  for (const [key, { missing, value }] of SERVER_RECORDS) {
    const owner = tables.find(({ table }) => table[key] !== undefined);
    const given = owner ? owner.table[key] : BUILT_IN[key];
    const path = (text: string) => resolvePath(folderOf((owner as PlacedTable<ServerTable>).file), text);
    const resolved = given === undefined ? missing?.(directories, config) : value(given, path);
    if (resolved !== undefined) {
      config[propertyOf(key)] = resolved;
    }
  }
  return config as unknown as ServerConfig;
}
