/** Every manual page: of the programs, of each command of `holdfast`, of its configuration. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, EXIT_MEANING, type ExitName } from '../../src/cli/holdfast/command/exit-codes.ts';
import { COMMANDS } from '../../src/cli/holdfast/commands.ts';
import { allPrograms } from '../../src/cli/holdfast/parts/programs.ts';
import { lines as OTHERS } from '../../src/main/holdfast-programs.late.ts';
import type { CommandLine } from '../../src/model/command-line.ts';
import { configPage } from '../generate/config-page.ts';
import { conserverCfText } from './conserver-cf.ts';
import {
  examples,
  fromMarkdown,
  heading,
  helpText,
  list,
  type ManualPage,
  manualPage,
  optionsList,
  synopsis,
} from './mdoc.ts';

const REFERENCE = join(import.meta.dirname, '../../docs/reference');

/** Programs whose reference page says more than the options. */
const REFERENCES: Readonly<Record<string, string>> = {
  procServ: 'procServ.md',
  conserver: 'conserver.md',
  console: 'console.md',
  'manage-procs': 'manage-procs.md',
  isis: 'isis.md',
  isisCmd: 'isis.md',
  execISIS: 'isis.md',
};
const DAEMONS: ReadonlySet<string> = new Set(['conserver', 'isis']);

const ENVIRONMENT = [
  ['`HOLDFAST_SOCKET`', 'control socket of the server, unless `--socket` names one'],
  ['`HOLDFAST_HOST`', 'the host that is meant, after `holdfast login`, unless `--host` or `--socket` names another'],
  ['`NO_COLOR`', 'no colours on a terminal'],
  ['`XDG_CONFIG_HOME`, `XDG_RUNTIME_DIR`', "where a user's configuration and control socket are"],
] as const;

const FILES = [
  ['`/etc/holdfast/holdfast.toml`, `/etc/holdfast/conf.d/*.toml`', 'configuration of the machine: holdfast.toml(5)'],
  ['`~/.config/holdfast/`', 'configuration of a user, and the hosts at which that user is logged in'],
  ['`/run/holdfast/control`', 'control socket of the machine'],
  ['`/opt/holdfast/docs/`', 'guides and reference'],
] as const;

export function manualPages(version: string): readonly ManualPage[] {
  const [holdfast, ...programs] = allPrograms(COMMANDS, OTHERS) as readonly [CommandLine, ...CommandLine[]];
  const commands = holdfast.commands ?? [];
  return [
    overview(holdfast, version),
    ...commands.map((command) => commandPage(command, version)),
    ...programs.map((program) => programPage(program, version)),
    configuration(version),
    conserverCf(version),
  ];
}

function overview(holdfast: CommandLine, version: string): ManualPage {
  const rows = (holdfast.commands ?? []).map(
    ({ name, summary }) => [`**holdfast-${name}(1)**`, `${sentence(summary)}`] as const,
  );
  const codes = (Object.keys(EXIT) as ExitName[]).map((name) => [String(EXIT[name]), EXIT_MEANING[name]] as const);
  return manualPage(
    { ...holdfast, section: 1 },
    version,
    synopsis(['holdfast'], holdfast.usage),
    heading(
      'description',
      helpText(
        `${sentence(holdfast.summary)} Each command has a page of its own.

A console may be named by the beginning of its name if that is unambiguous. Commands that act on several also take patterns
such as 'vac-*', and --group.`,
      ) + list(rows),
    ),
    heading('options', optionsList(holdfast.options)),
    heading('environment', list(ENVIRONMENT)),
    heading('files', list(FILES)),
    heading('exit status', list(codes)),
    seeAlso(
      'holdfast.toml(5)',
      'procServ(1)',
      'conserver(8)',
      'console(1)',
      'manage-procs(1)',
      'isis(8)',
      'isisCmd(1)',
    ),
  );
}

function commandPage(command: CommandLine, version: string): ManualPage {
  return manualPage(
    { name: `holdfast-${command.name}`, section: 1, summary: command.summary },
    version,
    synopsis(['holdfast', command.name], command.usage),
    heading('description', helpText([sentence(command.summary), command.help].filter(Boolean).join('\n\n'))),
    heading('options', optionsList(command.options)),
    heading('exit status', helpText('0, and others that holdfast(1) lists.')),
    heading('examples', examples(command)),
    seeAlso('holdfast(1)', 'holdfast.toml(5)'),
  );
}

function programPage(program: CommandLine, version: string): ManualPage {
  const { name, usage, summary, help = '', options, commands = [] } = program;
  const page = readFileSync(join(REFERENCE, REFERENCES[name] as string), 'utf8');
  // The text above its first section is covered already, as are the options.
  const [, ...sections] = page.split(/^(?=## )/m);
  const more = sections.filter((section) => !/^## (Options|Exit (status|codes))\n/.test(section)).join('');
  const status = sections.filter((section) => /^## Exit/.test(section)).join('');
  const subcommands = commands.map(
    ({ name: verb, usage: [words = ''], summary: what, options: own }) =>
      `.Ss ${verb} ${words}\n${helpText(sentence(what))}${optionsList(own.filter((each) => !options.includes(each)))}`,
  );
  return manualPage(
    { name, section: DAEMONS.has(name) ? 8 : 1, summary },
    version,
    synopsis([name], usage),
    heading('description', helpText(`${sentence(summary)}\n\n${help}`)),
    heading('options', optionsList(options)),
    heading('commands', subcommands.join('')),
    fromMarkdown(`${more}${status}`),
    seeAlso('holdfast(1)', 'holdfast.toml(5)', ...(name === 'conserver' ? ['conserver.cf(5)'] : [])),
  );
}

function configuration(version: string): ManualPage {
  return manualPage(
    { name: 'holdfast.toml', section: 5, summary: 'configuration of a Holdfast server' },
    version,
    '.Sh DESCRIPTION\n',
    fromMarkdown(configPage()),
    seeAlso('holdfast(1)', 'holdfast-plan(1)', 'holdfast-reload(1)'),
  );
}

function conserverCf(version: string): ManualPage {
  return manualPage(
    { name: 'conserver.cf', section: 5, summary: 'configuration of conserver' },
    version,
    conserverCfText(),
    seeAlso('conserver(8)', 'console(1)', 'holdfast-import(1)', 'holdfast-export(1)'),
  );
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** By section, then by name, as manual pages have it. */
function seeAlso(...pages: readonly string[]): string {
  const key = (page: string) => page.replace(/^(.*)\((\d)\)$/, '$2 $1');
  const sorted = [...pages].sort((a, b) => key(a).localeCompare(key(b), 'en'));
  const rows = sorted.map((page, at) => {
    const [, name, section] = /^(.*)\((\d)\)$/.exec(page) as unknown as [string, string, string];
    return `.Xr ${name} ${section}${at < pages.length - 1 ? ' ,' : ''}\n`;
  });
  return heading('see also', rows.join(''));
}
