/** A hint on how to end the holds in the way, shown once, and only to users who may end them. */
import { HoldfastError } from '../../../model/errors.ts';
import type { Context } from '../command/command.ts';
import { clean } from '../text/display.ts';
import { wantedFor } from './reason.ts';

/** Names in one command. */
const SHOWN = 8;

export function isHeld(error: unknown): boolean {
  return error instanceof HoldfastError && error.code === 'HF_HELD';
}

export async function hintAtRelease(
  { client, host, io }: Pick<Context, 'client' | 'host' | 'io'>,
  verb: string,
  held: readonly string[],
): Promise<void> {
  if (held.length === 0 || (await wantedFor(client, 'release', held).catch(() => 'forbidden')) === 'forbidden') {
    return;
  }
  const names =
    held.length > SHOWN ? ['NAME'] : held.map((name) => clean(host === undefined ? name : `${host}/${name}`));
  const what = held.length === 1 ? 'the hold' : names.length === 1 ? 'a hold' : 'the holds';
  io.err(`holdfast ${verb}: 'holdfast release ${names.join(' ')}' ends ${what}\n`);
}
