import { HoldfastError } from '../../../model/errors.ts';
import type { Command } from '../command/command.ts';
import { EXIT } from '../command/exit-codes.ts';
import { clean } from '../text/display.ts';
import { local } from '../text/times.ts';

export const logout: Command = {
  name: 'logout',
  usage: 'HOST',
  summary: 'end the login at a host, and forget its key',
  help: 'The token is revoked there; where that is not possible it is forgotten here all the same.',
  options: [],
  completes: 'host',
  operands: [1, 1],
  here: true,
  local: true,
  async run({ hosts: load, io, words }) {
    const hosts = await load();
    const [word = ''] = words;
    const known = hosts.find(word);
    if (known === undefined) {
      throw new HoldfastError('HF_NOT_LOGGED_IN', `this user is not logged in at '${word}'`);
    }
    const { id, name, until } = known;
    if (id === undefined) {
      io.err(`its token was made elsewhere, and stays valid: 'holdfast token revoke' ends it\n`);
    } else {
      await hosts
        .client(name)
        .tokens.revoke(id)
        .catch((error: Error) => {
          // Over already: that is what is wanted.
          const isOver = error instanceof HoldfastError && error.code === 'HF_LOGIN_REFUSED';
          if (!isOver) {
            const end = until === undefined ? '' : ` until ${local(until)}`;
            io.err(`the token could not be revoked and is valid${end}: ${clean(error.message)}\n`);
          }
        });
    }
    await hosts.forget(name);
    io.err(`logged out at ${clean(name)}\n`);
    return EXIT.ok;
  },
};
