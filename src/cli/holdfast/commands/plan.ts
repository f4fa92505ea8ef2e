import { HoldfastError } from '../../../model/errors.ts';
import { text } from '../command/arguments.ts';
import { CONFIG_OPTION, type Command, type Context, JSON_OPTION } from '../command/command.ts';
import { UsageError } from '../command/exit-codes.ts';
import { troubleText } from '../parts/away-server.ts';
import { ownerOf } from '../parts/running-config.ts';
import { clean } from '../text/display.ts';
import { report } from '../text/plan-text.ts';

export const plan: Command = {
  name: 'plan',
  usage: '[-c FILE]',
  summary: 'show what a reload would change, without changing anything',
  help: `Exit code 0: nothing to do; 2: there are changes; 78: the files have errors, all of which are listed.
With -c: what would change if the server took FILE (and conf.d beside it) instead of its own files. This program reads it, with the rights
of its user; the server compares.`,
  options: [{ ...CONFIG_OPTION, help: 'instead of the files of the server, with conf.d beside it' }, JSON_OPTION],
  completes: 'nothing',
  operands: [0, 0],
  async run(context) {
    const file = text(context.values, 'config');
    return file === undefined ? report(context, await context.client.plan(), false) : planInstead(context, file);
  },
};

async function planInstead(context: Context, file: string): Promise<number> {
  const { client, hooks, host, io, socket } = context;
  if (host !== undefined) {
    throw new UsageError(`plan: -c names a file of this machine, and cannot be compared with what ${host} runs`);
  }
  const { config, problems, warnings } = await hooks.files().load(file, ownerOf(socket));
  if (!config) {
    return report(context, { steps: [], server: [], problems }, false);
  }
  const advice = `'holdfast check -c ${clean(file)}' needs none`;
  try {
    const { version } = await client.version();
    if (version !== context.version) {
      const text = `the server runs ${version}, this program is ${context.version}, and they may read a file otherwise: restart the server`;
      throw new HoldfastError('HF_NO_ROUTE', text);
    }
    const found = await client.plan(config);
    return await report(context, { ...found, ...(warnings.length === 0 ? {} : { warnings }) }, false, file);
  } catch (error) {
    throw error instanceof HoldfastError && error.code === 'HF_NO_SERVER'
      ? new HoldfastError(error.code, `${await troubleText(error, socket, io.env)}; ${advice}`)
      : error;
  }
}
