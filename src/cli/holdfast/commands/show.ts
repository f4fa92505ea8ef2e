import type { EffectiveKey } from '../../../grammar/holdfast/effective.ts';
import { type TomlValue, tomlComments, tomlKey, tomlValue } from '../../../grammar/text/toml-text.ts';
import type { PlanResult } from '../../../model/api.ts';
import { didYouMean } from '../../../model/nearest-word.ts';
import { text } from '../command/arguments.ts';
import { CONFIG_OPTION, type Command, type Context, JSON_OPTION, type ShownConsole } from '../command/command.ts';
import { EXIT } from '../command/exit-codes.ts';
import { mainFile, unless } from '../parts/main-file.ts';
import { clean } from '../text/display.ts';
import { problemLine } from '../text/plan-text.ts';

interface Shown extends ShownConsole {
  readonly name: string;
  /** Of the console itself. */
  readonly at: string;
}

/** A table that a configuration may have, as TOML. `origin`: with the place of each key. `differs`: keys that run otherwise. */
export function shownText({ name, at, templates, keys }: Shown, differs: ReadonlySet<string>, origin: boolean): string {
  const built = templates.length === 0 ? '' : `, template ${templates.join(', ')}`;
  const lines = keys.map(({ path, value, place }: EffectiveKey) => {
    const notes = [
      ...(place === undefined ? ['default'] : origin ? [`${place.file}:${place.line}`] : []),
      ...(differs.has(path[0] as string) ? ['not applied yet'] : []),
    ];
    const line = `${path.map(tomlKey).join('.')} = ${tomlValue(value as TomlValue)}`;
    return notes.length === 0 ? `${line}\n` : `${line}  ${tomlComments([notes.join('; ')])}`;
  });
  return `${tomlComments([`${at}${built}`])}[console.${tomlKey(name)}]\n${lines.join('')}`;
}

/** What a server says about its files: which they are, and what it has not applied, as far as this user may know. */
async function asked({ client }: Context): Promise<{ readonly file?: string; readonly plan?: PlanResult }> {
  const told = await client.version().catch(unless('HF_NO_SERVER'));
  const [file] = told?.config.files ?? [];
  const plan = told && (await client.plan().catch(unless('HF_FORBIDDEN')));
  return { ...(file === undefined ? {} : { file }), ...(plan === undefined ? {} : { plan }) };
}

export const show: Command = {
  name: 'show',
  usage: 'NAME [--origin]',
  summary: 'print the configuration of a console whole: its own keys, those of templates, defaults',
  help: `As TOML, in one table. Defaults are marked; with --origin each key has the file and line that gives it.
With -c it asks no server. Otherwise the files are those of the server, and keys that it has not applied yet are marked.`,
  options: [CONFIG_OPTION, { name: 'origin', help: 'say for each key where it is given' }, JSON_OPTION],
  completes: 'console',
  here: true,
  operands: [1, 1],
  async run(context) {
    const { hooks, io, values } = context;
    const [name] = context.words as [string];
    const named = text(values, 'config');
    const { file, plan } = named === undefined ? await asked(context) : {};
    const { loaded, shown } = await hooks.files().show(named ?? mainFile(file));
    if (!loaded.config) {
      io.err(loaded.problems.map((problem) => `${problemLine(problem)}\n`).join(''));
      return EXIT.config;
    }
    const { consoles } = loaded.config;
    const found = shown(name);
    const config = consoles.find((each) => each.name === name);
    if (!found || !config) {
      const hint = didYouMean(
        name,
        consoles.map((each) => each.name),
      );
      const runs = plan?.steps.some(({ action, console }) => action === 'remove' && console === name);
      const why = runs
        ? `the files no longer have '${clean(name)}', which runs`
        : `no console is called '${clean(name)}'`;
      io.err(`holdfast: show: ${why}${clean(hint)}\n`);
      return EXIT.noConsole;
    }
    const steps = (plan?.steps ?? []).filter((step) => step.console === name);
    const isNew = steps.some(({ action }) => action === 'add');
    const differs = new Set(steps.flatMap((step) => (step.action === 'change' ? step.keys : [])));
    if (values.json) {
      const keys = found.keys.map((key) => ({ ...key, default: key.place === undefined }));
      io.out(`${JSON.stringify({ name, ...found, keys, differs: [...differs], new: isNew }, undefined, 2)}\n`);
      return EXIT.ok;
    }
    const at = `${config.place.file}:${config.place.line}`;
    io.out(shownText({ name, at, ...found }, differs, values.origin === true));
    if (isNew || differs.size > 0) {
      const what = isNew ? 'this console is not applied' : `${[...differs].map(clean).join(', ')}: not applied`;
      io.err(`${what} yet: the server runs something else; 'holdfast plan' shows it\n`);
    }
    return EXIT.ok;
  },
};
