/** A console with `run` -> what the holder starts: names looked up, environment put together. Read anew at every start. */
import { userInfo } from 'node:os';
import type { ConsoleConfig } from '../model/config.ts';
import type { ChildSpec } from '../model/process-host.ts';
import type { ResourceCaps } from '../model/resources.ts';
import { readEnvFile } from './env-file.ts';
import { native, type UserEntry } from './native.ts';

/** What a process gets of the server's own environment. The rest is nobody's business, or differs from start to start. */
const INHERITED = /^(PATH|TZ|LANG|LC_[A-Z]+)$/;
const OWN_ACCOUNT = ['HOME', 'USER', 'LOGNAME', 'SHELL'];
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Throws an Error that names the console and what is wrong: an unknown user or group, no right to be it, an environment file. */
export function childSpec(config: ConsoleConfig): ChildSpec {
  if (config.source.kind !== 'run') {
    throw new Error(`console '${config.name}' has no process: its source is ${config.source.kind}`);
  }
  const { argv } = config.source;
  try {
    const user = config.user === undefined ? undefined : knownUser(config.user);
    return {
      file: argv[0] as string,
      argv,
      env: environment(config, user),
      ...(config.chdir !== undefined && { cwd: config.chdir }),
      ...(config.umask !== undefined && { umask: config.umask }),
      ...identity(user, config.group === undefined ? undefined : knownGroup(config.group)),
      limits: config.limits,
      ...(config.quota && { caps: capsOf(config.quota) }),
      stop: { steps: config.stop, before: config.after },
    };
  } catch (error) {
    throw new Error(`console '${config.name}': ${(error as Error).message}`);
  }
}

function capsOf({ memory, cpu }: NonNullable<ConsoleConfig['quota']>): ResourceCaps {
  return { ...(memory !== undefined && { memoryBytes: memory }), ...(cpu !== undefined && { cpu }) };
}

function knownUser(name: string): UserEntry {
  const user = native.userByName(name);
  if (user === undefined) {
    throw new Error(`unknown user '${name}'; \`getent passwd ${name}\` shows whether this machine knows him`);
  }
  return user;
}

function knownGroup(name: string): number {
  const gid = native.groupByName(name);
  if (gid === undefined) {
    throw new Error(`unknown group '${name}'; \`getent group ${name}\` shows whether this machine knows it`);
  }
  return gid;
}

/** Ids that we have already are not set again: without root even that is refused. */
function identity(user: UserEntry | undefined, group: number | undefined): Pick<ChildSpec, 'uid' | 'gid' | 'groups'> {
  const isRoot = process.geteuid?.() === 0;
  const gid = group ?? user?.gid;
  if (!isRoot) {
    if (user !== undefined && user.uid !== process.geteuid?.()) {
      throw new Error(`only root may start it as user '${user.name}', and this server runs as '${ownName()}'`);
    }
    return group === undefined || group === process.getegid?.() ? {} : { gid: group };
  }
  return {
    ...(user && { uid: user.uid, groups: native.groupsOf(user.name, gid as number) }),
    ...(gid !== undefined && { gid }),
  };
}

function environment(config: ConsoleConfig, user: UserEntry | undefined): string[] {
  const variables = new Map<string, string>([['PATH', PATH]]);
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
  for (const { path, optional } of config.envFiles) {
    for (const [name, value] of readEnvFile(path, optional)) {
      variables.set(name, value);
    }
  }
  for (const [name, value] of Object.entries(config.env)) {
    variables.set(name, value);
  }
  return [...variables].map(([name, value]) => `${name}=${value}`);
}

/** An id without an entry has no name. */
function ownName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.geteuid?.());
  }
}
