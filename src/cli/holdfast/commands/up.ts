import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { configPlace, defaultDirectories } from '../../../config/config-files.ts';
import { ownUnit } from '../../../systemd/own-unit.ts';
import { type ServerUnit, serverUnit } from '../../../systemd/server-unit.ts';
import { text } from '../command/arguments.ts';
import { CONFIG_OPTION, type Command, type Context } from '../command/command.ts';
import { EXIT } from '../command/exit-codes.ts';
import { isMachines } from '../parts/socket-path.ts';
import { clean } from '../text/display.ts';

const NEXT = `
  holdfast ps             what runs, and in what state
  holdfast attach NAME    look at a console; ^] ? lists its keys
  holdfast why NAME       how it ended, and what it said before
  holdfast plan           what the configuration files would change
  holdfast doctor         potential trouble, and how to fix it
`;

/** That a server has to itself. */
const FOLDERS = [
  ['runtimeDir', 'runtime_dir'],
  ['stateDir', 'state_dir'],
] as const;

/** A unit that is in use has the usual paths to itself; undefined where there is none, and within a service. */
async function ownerOfPaths(): Promise<ServerUnit | undefined> {
  const unit = ownUnit() ? undefined : await serverUnit(process.geteuid?.() !== 0);
  return unit?.inUse ? unit : undefined;
}

/** The folders of the usual files that these have too, as `[server]` says it. Mistakes in them are for the server to report. */
async function sharedFolders(file: string, { hooks, io }: Context): Promise<readonly string[]> {
  const [{ config }, usual] = await Promise.all([hooks.files().load(file), hooks.files().load()]);
  const owner = { env: io.env as NodeJS.ProcessEnv, uid: process.geteuid?.() ?? 0 };
  const taken = usual.config?.server ?? defaultDirectories(owner);
  return FOLDERS.flatMap(([folder, key]) =>
    config?.server[folder] === taken[folder] ? [`${key} ${clean(taken[folder])}`] : [],
  );
}

/** The configuration of the machine's server is never used for a second one of some user, whatever its folders. */
async function machinesFile(file: string, { io: { env } }: Context): Promise<string | undefined> {
  const uid = process.geteuid?.() ?? 0;
  const { main } = configPlace(undefined, { env, uid: 0 });
  if (uid === 0 || !existsSync(file) || !existsSync(main) || realpathSync(file) !== realpathSync(main)) {
    return undefined;
  }
  const unit = await serverUnit(false);
  const runs = unit?.inUse || existsSync(join(defaultDirectories({ env, uid: 0 }).runtimeDir, 'control'));
  const how = unit ? `'${unit.systemctl} start holdfast' starts that` : 'root starts that';
  return runs
    ? `${clean(main)} is of the server of this machine: ${how}, and what it has would run twice here; -c names a file of your own`
    : undefined;
}

/** Why it cannot be started beside a unit of systemd; undefined: it can. */
async function refusal(file: string | undefined, context: Context): Promise<string | undefined> {
  const taken = file === undefined ? undefined : await machinesFile(file, context);
  if (taken !== undefined) {
    return taken;
  }
  const owner = await ownerOfPaths();
  if (owner && file === undefined) {
    return `${owner.unit} runs the server of these paths: '${owner.systemctl} start holdfast' starts it; -c names files of another`;
  }
  const shared = owner && file !== undefined ? await sharedFolders(file, context) : [];
  return owner && shared.length > 0
    ? `${owner.unit} runs the server of ${shared.join(' and ')}: give ${clean(file ?? '')} others in [server], or put it where that reads it ('holdfast plan -c' shows what it would change) and '${owner.systemctl} start holdfast'`
    : undefined;
}

export const up: Command = {
  name: 'up',
  usage: '[-c FILE]',
  summary: 'run the server: find the holder or start it, then supervise and serve',
  help: `Processes that an earlier server left behind go on undisturbed: they belong to the holder.
The control socket is in 'runtime_dir' of [server]; a --socket or $HOLDFAST_SOCKET that names another one is refused.`,
  options: [
    CONFIG_OPTION,
    { name: 'foreground', short: 'f', help: 'stay in the foreground, messages to standard error' },
    { name: 'wait-for-holder', help: 'do not start a holder: wait for the one that is a service of its own' },
  ],
  completes: 'nothing',
  here: true,
  operands: [0, 0],
  async run(context) {
    const { io, values, hooks, socket } = context;
    const config = text(values, 'config');
    const refused = await refusal(config, context);
    if (refused !== undefined) {
      io.err(`holdfast: up: ${refused}\n`);
      return EXIT.failed;
    }
    const [path, by] =
      values.socket === undefined ? [io.env.HOLDFAST_SOCKET, 'HOLDFAST_SOCKET'] : [text(values, 'socket'), '--socket'];
    const code = await hooks.up(
      {
        foreground: values.foreground === true,
        waitForHolder: values['wait-for-holder'] === true,
        ...(config === undefined ? {} : { config }),
        ...(path ? { socket: { path, by } } : {}),
      },
      io,
    );
    if (code === EXIT.ok && io.terminal) {
      io.out(NEXT);
    }
    if (code === EXIT.config && config === undefined && isMachines(socket, io.env)) {
      io.err("holdfast: up: the server of this machine is another one: 'holdfast ps' shows what that runs\n");
    }
    return code;
  },
};
