/** The configuration of a running server, or why that of the files is used instead. */
import { statSync } from 'node:fs';
import { closedText } from '../../../client/connect-error.ts';
import { HoldfastError } from '../../../model/errors.ts';
import type { Context, Running } from '../command/command.ts';
import { UsageError } from '../command/exit-codes.ts';
import { troubleText } from './away-server.ts';
import { mainFile } from './main-file.ts';
import { isMachines } from './socket-path.ts';

/** The files of another machine cannot be read in place of its server. Undefined: it says that only the files have it. */
export async function runningOrFiles<T>(context: Context, ask: () => Promise<T | undefined>): Promise<Running<T>> {
  try {
    const running = await ask();
    return running === undefined ? await filesOf(context) : { running };
  } catch (error) {
    if (!(error instanceof HoldfastError)) {
      return closed(error as Error, context);
    }
    const told = olderServer(error, 'it does not tell its configuration');
    if (context.host !== undefined || !['HF_NO_SERVER', 'HF_FORBIDDEN', 'HF_NO_ROUTE'].includes(error.code)) {
      throw told;
    }
    return error.code === 'HF_NO_SERVER'
      ? { ...machines(context), isAway: true }
      : { ...(await filesOf(context)), untold: told };
  }
}

/** Its files may be for everybody, where its control socket is not. */
async function closed<T>(error: Error, context: Context): Promise<Running<T>> {
  const { host, io, socket } = context;
  if (host !== undefined || error.message !== closedText(socket)) {
    throw error;
  }
  return { ...machines(context), isAway: true, untold: new Error(await troubleText(error, socket, io.env)) };
}

/** A user without a server of their own means the machine's, and its files. */
function machines({ io, socket }: Context): Pick<Running<never>, 'uid'> {
  return isMachines(socket, io.env) ? { uid: 0 } : {};
}

async function filesOf({ client, socket }: Context): Promise<Pick<Running<never>, 'file' | 'uid'>> {
  const file = mainFile((await client.version()).config.files[0]);
  const uid = ownerOf(socket);
  return { ...(file === undefined ? {} : { file }), ...(uid === undefined ? {} : { uid }) };
}

/** User id: default folders are those of the user that the server runs as. Undefined: there is no such socket. */
export function ownerOf(socket: string): number | undefined {
  return statSync(socket, { throwIfNoEntry: false })?.uid;
}

/** A file that is named is one of this machine. That a host is the usual one ($HOLDFAST_HOST) does not matter where no server is asked. */
export function mustBeHere({ host, io }: Context, command: string): void {
  if (host !== undefined && host !== io.env.HOLDFAST_HOST) {
    throw new UsageError(`${command}: -c names a file of this machine, and cannot be used at ${host}`);
  }
}

/** An error of a server without a route, told in words of people; any other one as it is. */
export function olderServer(error: HoldfastError, lacks: string): HoldfastError {
  return error.code === 'HF_NO_ROUTE'
    ? new HoldfastError(error.code, `this server is older than its client: ${lacks}`)
    : error;
}
