import { ownUnit } from '../../../systemd/own-unit.ts';
import { type ServerUnit, serverUnit } from '../../../systemd/server-unit.ts';
import { text } from '../command/arguments.ts';
import { CONFIG_OPTION, type Command } from '../command/command.ts';
import { EXIT } from '../command/exit-codes.ts';

const NEXT = `
  holdfast ps             what runs, and in what state
  holdfast attach NAME    look at a console; ^] ? lists its keys
  holdfast why NAME       how it ended, and what it said before
  holdfast plan           what the configuration files would change
  holdfast doctor         potential trouble, and how to fix it
`;

/** A unit that is in use has the usual paths to itself; undefined where there is none, and within a service. */
async function ownerOfPaths(): Promise<ServerUnit | undefined> {
  const unit = ownUnit() ? undefined : await serverUnit(process.geteuid?.() !== 0);
  return unit?.inUse ? unit : undefined;
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
  async run({ io, values, hooks }) {
    const config = text(values, 'config');
    const owner = config === undefined && (await ownerOfPaths());
    if (owner) {
      io.err(
        `holdfast: up: ${owner.unit} runs the server of these paths: '${owner.systemctl} start holdfast' starts it; -c names files of another\n`,
      );
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
    return code;
  },
};
