/** Turns the collected values of a console into its record: requirements of its type, substitutions, defaults. */
import type { ConsoleDraft, SUBST_KEYS } from './draft.ts';
import { CONSOLE_OPTIONS, type ConsoleOption, type ConsoleRecord, type ConsoleType } from './records.ts';
import type { Fault, Position } from './source.ts';
import { applySubst, missingValues, type SubstRule, type SubstValues } from './subst.ts';

const NEEDS: Readonly<Record<ConsoleType, readonly (keyof ConsoleDraft)[]>> = {
  device: ['device', 'baud', 'parity'],
  exec: [],
  host: ['host', 'port'],
  noop: [],
  uds: ['uds'],
};

/** sockaddr_un has room for 107 bytes and the closing zero. */
const MAX_UDS = 107;

/** Undefined, with a fault for each missing value, if the console is impossible. */
export function finishConsole(
  name: string,
  draft: ConsoleDraft,
  block: { readonly at: Position; readonly end: Position },
  faults: Fault[],
): ConsoleRecord | undefined {
  const at = block.end;
  const type = draft.type as ConsoleType | undefined;
  const missing = [
    ...(draft.master === undefined ? ['master'] : []),
    ...(type === undefined ? ['type'] : NEEDS[type].filter((key) => draft[key] === undefined)),
  ];
  for (const key of missing) {
    faults.push({ at, message: `console \`${name}' has no \`${key}'${needs(type, key)}` });
  }
  const { master } = draft;
  if (type === undefined || master === undefined || missing.length > 0) {
    return undefined;
  }
  const port = finalPort(draft);
  const values: SubstValues = {
    ...{ c: name, h: draft.host, r: draft.replstring ?? '', b: draft.baud ?? '' },
    ...{ p: draft.port, P: port },
  };
  const insert = inserter(name, draft, values, at, faults);
  const uds = insert(draft.uds, 'udssubst');
  if (uds !== undefined && uds.length > MAX_UDS) {
    faults.push({ at, message: `console \`${name}': uds \`${uds}' is longer than ${MAX_UDS} bytes` });
    return undefined;
  }
  return {
    at: block.at,
    name,
    type,
    master,
    aliases: draft.aliases,
    protocol: draft.protocol ?? 'telnet',
    break: draft.break ?? '1',
    breaklist: draft.breaklist ?? '*',
    tasklist: draft.tasklist ?? '*',
    idletimeout: draft.idletimeout ?? 0,
    idlestring: draft.idlestring ?? '\\n',
    initspinmax: draft.initspinmax ?? 5,
    initspintimer: draft.initspintimer ?? 1,
    options: finishOptions(draft, type),
    rw: draft.rw,
    ro: draft.ro,
    values,
    ...present({
      port,
      uds,
      host: draft.host,
      exec: insert(draft.exec, 'execsubst'),
      execrunas: draft.execrunas,
      device: insert(draft.device, 'devicesubst'),
      baud: draft.baud,
      parity: draft.parity,
      initcmd: insert(draft.initcmd, 'initsubst'),
      initrunas: draft.initrunas,
      logfile: type === 'noop' ? undefined : draft.logfile?.replaceAll('&', () => name),
      logfilemax: draft.logfilemax,
      timestamp: draft.timestamp,
      motd: draft.motd,
    }),
  };
}

function needs(type: ConsoleType | undefined, key: string): string {
  return type === undefined || key === 'master' ? '' : `, which type ${type} needs`;
}

type Present<Values> = { [Key in keyof Values]?: NonNullable<Values[Key]> };

function present<Values extends object>(values: Values): Present<Values> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Present<Values>;
}

/** portbase + portinc * port, in the 16 bits of a port; undefined without a port. */
function finalPort({ port, portbase = 0, portinc = 1 }: ConsoleDraft): number | undefined {
  return port === undefined ? undefined : (((portbase + portinc * port) % 65_536) + 65_536) % 65_536;
}

function inserter(name: string, draft: ConsoleDraft, values: SubstValues, at: Position, faults: Fault[]) {
  return (text: string | undefined, key: (typeof SUBST_KEYS)[number]): string | undefined => {
    const rules: readonly SubstRule[] = draft[key] ?? [];
    const [missing] = missingValues(rules, values);
    if (missing !== undefined) {
      const what = missing === 'h' ? 'host' : 'port';
      faults.push({
        at,
        message: `console \`${name}': ${key} uses \`${missing}' but no ${what} is set: ${key} is ignored`,
      });
      return text;
    }
    return text === undefined ? undefined : applySubst(text, rules, values);
  };
}

function finishOptions(draft: ConsoleDraft, type: ConsoleType): Record<ConsoleOption, boolean> {
  const on: readonly ConsoleOption[] = [
    ...(['autoreinit', 'login'] as const),
    ...(type === 'device' || type === 'exec' ? (['ixon'] as const) : []),
    ...(type === 'device' ? (['ixoff'] as const) : []),
  ];
  const entries = CONSOLE_OPTIONS.map((option) => [option, draft.options[option] ?? on.includes(option)] as const);
  return Object.fromEntries(entries) as Record<ConsoleOption, boolean>;
}
