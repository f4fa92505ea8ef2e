import { type TomlValue, tomlComments, tomlKey, tomlValue } from '../../../grammar/text/toml-text.ts';
import type { PlanResult, RunningConsole } from '../../../model/api.ts';
import { HoldfastError } from '../../../model/errors.ts';
import { didYouMean } from '../../../model/nearest-word.ts';
import { text } from '../command/arguments.ts';
import { CONFIG_OPTION, type Command, type Context, JSON_OPTION, type Running } from '../command/command.ts';
import { EXIT } from '../command/exit-codes.ts';
import { unless } from '../parts/main-file.ts';
import { mustBeHere, runningOrFiles } from '../parts/running-config.ts';
import { one } from '../parts/select.ts';
import { clean } from '../text/display.ts';
import { problemLine } from '../text/plan-text.ts';

type Shown = Pick<RunningConsole, 'name' | 'place' | 'templates' | 'keys'>;

interface Told extends Running<Shown> {
  /** Absent: this user may not know it, or no server was asked. */
  readonly plan?: PlanResult;
}

/** How the files and what runs differ for one console. */
interface Differences {
  readonly differs: ReadonlySet<string>;
  readonly isNew: boolean;
  readonly isGone: boolean;
}

/** A table that a configuration may have, as TOML. `origin`: with the place of each key. `mark`: for keys that differ. */
function shownText(
  { name, place, templates, keys }: Shown,
  differs: ReadonlySet<string>,
  mark: string,
  origin: boolean,
) {
  const built = templates.length === 0 ? '' : `, template ${templates.join(', ')}`;
  const lines = keys.map(({ path, value, place: given, hidden }) => {
    const notes = [
      ...(given === undefined ? ['default'] : origin ? [`${given.file}:${given.line}`] : []),
      ...(hidden ? ['a secret by its name: the file has it'] : []),
      ...(differs.has(path[0] as string) ? [mark] : []),
    ];
    const line = `${path.map(tomlKey).join('.')} = ${tomlValue(value as TomlValue)}`;
    return notes.length === 0 ? `${line}\n` : `${line}  ${tomlComments([notes.join('; ')])}`;
  });
  const at = `${place.file}:${place.line}`;
  return `${tomlComments([`${at}${built}`])}[console.${tomlKey(name)}]\n${lines.join('')}`;
}

async function told(context: Context, name: string): Promise<Told> {
  const found = await runningOrFiles(context, () => runningConsole(context, name));
  const plan = found.isAway ? undefined : await context.client.plan().catch(unless('HF_FORBIDDEN'));
  return { ...found, ...(plan ? { plan } : {}) };
}

/** Undefined if only the files of this machine have it. */
async function runningConsole(context: Context, name: string): Promise<Shown | undefined> {
  const { client, host } = context;
  const [exact] = (await client.configuration(name).catch(unless('HF_NO_CONSOLE')))?.consoles ?? [];
  if (exact) {
    return exact;
  }
  const plan = await client.plan();
  if (!plan.steps.some(({ action, console }) => action === 'add' && console === name)) {
    return (await client.configuration(await one(context, name))).consoles[0];
  }
  if (host !== undefined) {
    throw new HoldfastError('HF_NO_CONSOLE', `'${name}' is new in the files there, and not applied yet`);
  }
  return undefined;
}

/** Another source is a console that is removed and added. */
function differencesOf(name: string, { plan, running }: Told): Differences {
  const steps = (plan?.steps ?? []).filter((step) => step.console === name);
  const has = (wanted: PlanResult['steps'][number]['action']) => steps.some(({ action }) => action === wanted);
  const differs = new Set(steps.flatMap((step) => (step.action === 'change' ? step.keys : [])));
  return { differs, isNew: has('add') && !running, isGone: has('remove') && !has('add') };
}

/** The changes not yet applied; empty if there are none. */
function unapplied({ differs, isNew, isGone }: Differences, { plan, running }: Told, name: string): string {
  if (running && (plan?.problems.length ?? 0) > 0) {
    return 'the files have mistakes by now';
  }
  if (isGone) {
    return 'the files no longer have this console: not applied yet';
  }
  if (isNew) {
    return 'this console is not applied yet: the server does not run it';
  }
  if (running && plan?.steps.some(({ action, console }) => action === 'add' && console === name)) {
    return 'the files have another source for it: not applied yet';
  }
  const keys = [...differs].map(clean).join(', ');
  return keys && (running ? `${keys}: changed in the files, not applied yet` : `${keys}: not applied yet`);
}

export const show: Command = {
  name: 'show',
  usage: 'NAME [--origin]',
  summary: 'print the configuration of a console whole: its own keys, those of templates, defaults',
  help: `As TOML, in one table. Defaults are marked; with --origin each key has the file and line that gives it.
It is what the server runs; keys that the files have otherwise by now are marked. That takes the right 'configure'. Without it, or without
a server, and with -c, it is what the files of this machine say. Environment variables that are secrets by their names are not told.`,
  options: [CONFIG_OPTION, { name: 'origin', help: 'say for each key where it is given' }, JSON_OPTION],
  completes: 'console',
  operands: [1, 1],
  async run(context) {
    const { io, values } = context;
    const [name] = context.words as [string];
    const named = text(values, 'config');
    if (named !== undefined) {
      mustBeHere(context, 'show');
    }
    const found: Told = named === undefined ? await told(context, name) : {};
    const shown = found.running ?? (await fromFiles(context, name, named ?? found.file, found));
    if (typeof shown === 'number') {
      return shown;
    }
    const { running, untold } = found;
    const differences = differencesOf(shown.name, found);
    const { differs, isNew, isGone } = differences;
    if (values.json) {
      const { templates } = shown;
      const keys = shown.keys.map((key) => ({ ...key, default: key.place === undefined }));
      const state = { running: running !== undefined, differs: [...differs], new: isNew, removed: isGone };
      io.out(`${JSON.stringify({ name: shown.name, templates, keys, ...state }, undefined, 2)}\n`);
      return EXIT.ok;
    }
    const mark = running ? 'changed in the files, not applied yet' : 'not applied yet';
    io.out(shownText(shown, differs, mark, values.origin === true));
    io.err(untold === undefined ? '' : `as the files have it: ${clean(untold.message)}\n`);
    const rest = unapplied(differences, found, shown.name);
    io.err(rest && `${rest}; 'holdfast plan' shows it\n`);
    return EXIT.ok;
  },
};

/** The definition in the files, or an exit code. */
async function fromFiles({ hooks, io }: Context, name: string, file: string | undefined, { plan, uid, untold }: Told) {
  const { config, problems } = await hooks.files().load(file, uid);
  if (!config && untold) {
    throw untold;
  }
  if (!config) {
    io.err(problems.map((problem) => `${problemLine(problem)}\n`).join(''));
    return EXIT.config;
  }
  const found = config.consoles.find((each) => each.name === name);
  if (!found?.origin) {
    const names = config.consoles.map((each) => each.name);
    const runs = plan?.steps.some(({ action, console }) => action === 'remove' && console === name);
    const why = runs
      ? `the files no longer have '${clean(name)}', which runs`
      : `no console is called '${clean(name)}'`;
    io.err(`holdfast: show: ${why}${clean(didYouMean(name, names))}\n`);
    return EXIT.noConsole;
  }
  return { name, place: found.place, ...found.origin };
}
