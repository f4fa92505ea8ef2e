/** From the words of a command line to an exit code. */

import type { HostClient } from '../../model/host-port.ts';
import type { Clock } from '../../platform/time/clock.ts';
import { parseArguments, text } from './command/arguments.ts';
import type { Command, Hooks, Io } from './command/command.ts';
import { EXIT, exitCodeOf, UsageError } from './command/exit-codes.ts';
import { clean } from './text/display.ts';
import { commandHelp, overview, unknownCommand } from './text/help-text.ts';

export interface World {
  readonly commands: readonly Command[];
  readonly io: Io;
  readonly clock: Clock;
  readonly hooks: Hooks;
  readonly version: string;
  /** The control socket of this user, unless an option names another. */
  readonly socket: string;
  /** Opens no connection yet. */
  readonly connect: (socket: string) => HostClient;
}

export async function run(words: readonly string[], world: World): Promise<number> {
  const { io, commands } = world;
  const [typed, ...rest] = words;
  if (typed === undefined) {
    io.err(overview(commands));
    return EXIT.usage;
  }
  const name =
    typed === '--help' || typed === '-h' ? 'help' : typed === '--version' || typed === '-V' ? 'version' : typed;
  try {
    const command = commands.find((each) => each.name === name);
    if (command === undefined) {
      throw new UsageError(unknownCommand(commands, typed));
    }
    const { values, words: operands } = parseArguments(command, rest);
    if (values.help) {
      io.out(commandHelp(command));
      return EXIT.ok;
    }
    const socket = text(values, 'socket') ?? world.socket;
    const client = world.connect(socket);
    return await command.run({ ...world, socket, client, values, words: operands });
  } catch (error) {
    return complain(error, name, io);
  }
}

function complain(error: unknown, name: string, io: Io): number {
  const code = exitCodeOf(error);
  const known = error instanceof Error && code !== EXIT.internal;
  const message =
    error instanceof UsageError ? error.message : `${name}: ${error instanceof Error ? error.message : String(error)}`;
  io.err(`holdfast: ${clean(message)}\n`);
  if (!known && io.env.HOLDFAST_DEBUG !== undefined && error instanceof Error) {
    io.err(`${error.stack}\n`);
  }
  return code;
}
