/** From the words of a command line to an exit code. */

import { closedText, noServerText } from '../../client/connect-error.ts';
import { HoldfastError } from '../../model/errors.ts';
import type { HostClient } from '../../model/host-port.ts';
import type { Clock } from '../../platform/time/clock.ts';
import { parseArguments, text } from './command/arguments.ts';
import type { Command, Hooks, Hosts, Io, Values } from './command/command.ts';
import { EXIT, exitCodeOf, messageOf, UsageError } from './command/exit-codes.ts';
import { leadingOptions, targetOf } from './target.ts';
import { clean } from './text/display.ts';
import { commandHelp, overview, unknownCommand } from './text/help-text.ts';
import { commandName } from './text/synonyms.ts';
import { withLocalTimes } from './text/times.ts';

export interface World {
  readonly commands: readonly Command[];
  readonly io: Io;
  readonly clock: Clock;
  readonly hooks: Hooks;
  readonly version: string;
  /** The folder of the documents. */
  readonly docs: string;
  /** The control socket of this user, unless an option names another. */
  readonly socket: string;
  /** Loaded when a host is named. */
  readonly hosts: () => Promise<Hosts>;
  /** Opens no connection yet. */
  readonly connect: (socket: string) => HostClient;
}

export async function run(words: readonly string[], world: World): Promise<number> {
  const { io, commands, docs } = world;
  let leading: Values;
  let [typed, ...rest] = words;
  try {
    [leading, [typed, ...rest]] = leadingOptions(words);
  } catch (error) {
    return complain(error, '', io);
  }
  if (typed === undefined) {
    io.err(overview(commands, { columns: io.columns, docs }));
    return EXIT.usage;
  }
  const name =
    typed === '--help' || typed === '-h'
      ? 'help'
      : typed === '--version' || typed === '-V'
        ? 'version'
        : commandName(typed);
  let where: string | undefined;
  let asked: string | undefined;
  try {
    const command = commands.find((each) => each.name === name);
    if (command === undefined) {
      throw new UsageError(unknownCommand(commands, typed));
    }
    const parsed = parseArguments(command, rest);
    const { host: _, ...near } = leading;
    const values = { ...near, ...parsed.values };
    if (values.help) {
      io.out(commandHelp(command, { columns: io.columns, docs }));
      return EXIT.ok;
    }
    const { host, words: operands } = await targetOf(
      command,
      text(leading, 'host'),
      { ...parsed, values },
      io.env,
      world.hosts,
    );
    where = host;
    const socket = text(values, 'socket') ?? world.socket;
    asked = host === undefined ? socket : undefined;
    const client = host === undefined ? world.connect(socket) : (await world.hosts()).client(host);
    return await command.run({ ...world, socket, host, client, values, words: operands });
  } catch (error) {
    return complain(asked === undefined ? error : await explained(error, asked, io), name, io, where);
  }
}

/** Of this machine's server, or its socket: with what can be seen of it here. */
async function explained(error: unknown, socket: string, { env }: Io): Promise<unknown> {
  if (!(error instanceof Error && [noServerText(socket), closedText(socket)].includes(error.message))) {
    return error;
  }
  const { troubleText } = await import('./parts/away-server.ts');
  const text = await troubleText(error, socket, env);
  return error instanceof HoldfastError
    ? new HoldfastError(error.code, text)
    : Object.assign(new Error(text), { code: (error as NodeJS.ErrnoException).code });
}

function complain(error: unknown, name: string, io: Io, host?: string): number {
  const code = exitCodeOf(error);
  const known = error instanceof Error && code !== EXIT.internal;
  const message =
    error instanceof UsageError
      ? error.message
      : `${host === undefined ? name : `${name} at ${host}`}: ${error instanceof Error ? messageOf(error) : String(error)}`;
  const again = error instanceof HoldfastError && error.code === 'HF_LOGIN_REFUSED' && host !== undefined;
  io.err(
    `holdfast: ${clean(withLocalTimes(message))}${again ? `: 'holdfast login ${clean(host)}' logs in again` : ''}\n`,
  );
  if (!known && io.env.HOLDFAST_DEBUG !== undefined && error instanceof Error) {
    io.err(`${error.stack}\n`);
  }
  return code;
}
