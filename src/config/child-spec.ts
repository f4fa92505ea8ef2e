/**
 * A console with `run` -> what the holder starts: names looked up, environment assembled. Read again at every start.
 */
import type { ConsoleConfig } from '../model/config.ts';
import { SETTING_KEYS } from '../model/keys/console-keys.ts';
import { type ConsoleKey, propertyOf } from '../model/keys/record.ts';
import type { ChildSpec } from '../model/runner.ts';
import { aside } from '../platform/aside.ts';
import type { UserEntry } from '../platform/native.ts';
import { type EnvFileEars, readEnvFile } from './env-file.ts';

/**
 * The part of the server's environment that a process inherits. The rest is private, or differs from start to start.
 */
const INHERITED = /^(PATH|TZ|LANG|LC_[A-Z]+)$/;
const OWN_ACCOUNT = ['HOME', 'USER', 'LOGNAME', 'SHELL'];
/** As systemd sets it for an unknown terminal: line editing works everywhere, and logs get no colours. */
const TERM = 'vt220';
const PARTS = Object.entries<ConsoleKey>(SETTING_KEYS).flatMap(([key, { child }]) =>
  child ? [{ property: propertyOf(key) as keyof ConsoleConfig, child }] : [],
);
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Synchronous if nothing has to be looked up. Throws or rejects with an Error that says what is wrong: an unknown user
 * or group, no right to be it, an environment file, no answer in time.
 */
export function childSpec(config: ConsoleConfig, ears: EnvFileEars): ChildSpec | Promise<ChildSpec> {
  if (config.source.kind !== 'run') {
    throw new Error(`console '${config.name}' has no process: its source is ${config.source.kind}`);
  }
  const { user, group, envFile } = config;
  if (user === undefined && group === undefined && envFile.length === 0) {
    return specOf(config, config.source.argv, undefined, {}, []);
  }
  return lookedUp(config, config.source.argv, ears);
}

async function lookedUp(config: ConsoleConfig, argv: readonly string[], ears: EnvFileEars): Promise<ChildSpec> {
  const user = config.user === undefined ? undefined : await knownUser(config.user, ears);
  const group = config.group === undefined ? undefined : await knownGroup(config.group, ears);
  const ids = await identity(user, group, ears);
  const variables: (readonly [string, string])[] = [];
  for (const file of config.envFile) {
    variables.push(...(await readEnvFile(file, ears)));
  }
  return specOf(config, argv, user, ids, variables);
}

type Identity = Pick<ChildSpec, 'uid' | 'gid' | 'groups'>;
type Variables = readonly (readonly [name: string, value: string])[];

function specOf(
  config: ConsoleConfig,
  argv: readonly string[],
  user: UserEntry | undefined,
  ids: Identity,
  fromFiles: Variables,
): ChildSpec {
  return {
    file: argv[0] as string,
    argv,
    env: environment(config, user, fromFiles),
    ...ids,
    ...givenParts(config),
    stop: { steps: config.stop, before: config.after },
  };
}

/** The settings that follow from the key records alone. */
function givenParts(config: ConsoleConfig): Partial<ChildSpec> {
  const given = PARTS.filter(({ property }) => config[property] !== undefined);
  return Object.assign({}, ...given.map(({ property, child }) => child(config[property] as object)));
}

async function knownUser(name: string, { waits }: EnvFileEars): Promise<UserEntry> {
  waits(`the user directory, for user '${name}'`);
  const user = await aside.userByName(name);
  if (user === undefined) {
    throw new Error(`unknown user '${name}'; \`getent passwd ${name}\` shows whether this machine knows it`);
  }
  return user;
}

async function knownGroup(name: string, { waits }: EnvFileEars): Promise<number> {
  waits(`the user directory, for group '${name}'`);
  const gid = await aside.groupByName(name);
  if (gid === undefined) {
    throw new Error(`unknown group '${name}'; \`getent group ${name}\` shows whether this machine knows it`);
  }
  return gid;
}

/** Ids that we already have are not set: without root even that is refused. */
async function identity(
  user: UserEntry | undefined,
  group: number | undefined,
  { waits }: EnvFileEars,
): Promise<Identity> {
  const isRoot = process.geteuid?.() === 0;
  const gid = group ?? user?.gid;
  if (!isRoot) {
    if (user !== undefined && user.uid !== process.geteuid?.()) {
      throw new Error(
        `only root may start it as user '${user.name}', and this server runs as uid ${process.geteuid?.()}`,
      );
    }
    return group === undefined || group === process.getegid?.() ? {} : { gid: group };
  }
  if (user !== undefined) {
    waits(`the user directory, for the groups of user '${user.name}'`);
  }
  return {
    ...(user && { uid: user.uid, groups: await aside.groupsOf(user.name, gid as number) }),
    ...(gid !== undefined && { gid }),
  };
}

function environment(config: ConsoleConfig, user: UserEntry | undefined, fromFiles: Variables): string[] {
  const variables = new Map<string, string>([
    ['PATH', PATH],
    ['TERM', TERM],
  ]);
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && (INHERITED.test(name) || (user === undefined && OWN_ACCOUNT.includes(name)))) {
      variables.set(name, value);
    }
  }
  if (user) {
    const { home, name, shell } = user;
    for (const [variable, value] of Object.entries({ HOME: home, USER: name, LOGNAME: name, SHELL: shell })) {
      variables.set(variable, value);
    }
  }
  variables.set('IOCNAME', config.name).set('HOLDFAST_CONSOLE', config.name);
  for (const [name, value] of [...fromFiles, ...Object.entries(config.env)]) {
    variables.set(name, value);
  }
  return [...variables].map(([name, value]) => `${name}=${value}`);
}
