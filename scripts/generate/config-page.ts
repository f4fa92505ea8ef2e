/** The reference page of the configuration. */
import Type from 'typebox';
import type { Schema } from '../../src/grammar/text/schema-check.ts';
import { AccessSchema } from '../../src/model/access-schema.ts';
import { ConfigSchema, ConsoleSchema } from '../../src/model/config-schema.ts';
import { ConserverSchema } from '../../src/model/conserver-schema.ts';
import { IsisSchema } from '../../src/model/isis-schema.ts';
import { CONSOLE_KEYS } from '../../src/model/keys/console-keys.ts';
import type { ConsoleKey } from '../../src/model/keys/record.ts';
import { SERVER_KEYS, type ServerKey } from '../../src/model/keys/server-keys.ts';
import { NetworkSchema } from '../../src/model/network-schema.ts';
import { RIGHTS } from '../../src/model/rights.ts';
import { type ConfigKey, configKeys, toml } from './config-keys.ts';

const CONSOLE_RECORDS: Readonly<Record<string, ConsoleKey>> = CONSOLE_KEYS;
const SERVER_RECORDS: Readonly<Record<string, ServerKey>> = SERVER_KEYS;

/** Tables that layers merge. */
const MERGED = Object.entries(CONSOLE_RECORDS).flatMap(([key, { layers }]) =>
  layers === 'merged' ? [`\`${key}\``] : [],
);

const EFFECTS = {
  process: 'A change takes effect with the next start of the process.',
  console: 'A change puts another console in its place.',
  live: 'A change takes effect at once.',
  holder: 'A change takes effect with the next start of the holder, and so of all processes.',
};

/** Exceptions to what the section says. */
function ofConsole(key: string): string {
  const { only, change } = CONSOLE_RECORDS[key] ?? { change: 'live' };
  return `${only ? ` For \`${only}\` only.` : ''}${change === 'live' ? '' : ` ${EFFECTS[change]}`}`;
}

function ofServer(key: string): string {
  const change = SERVER_RECORDS[key]?.change ?? 'server';
  return change === 'server' ? '' : ` ${EFFECTS[change]}`;
}

const INTRODUCTION = `<!-- Made by \`npm run generate\` from src/model/keys/ and src/model/*-schema.ts: change it there. -->

# Configuration of a host server

A server reads one main file and then every \`*.toml\` file of the folder \`conf.d\` beside it, in alphabetical order:

| who runs the server | main file | more files |
| --- | --- | --- |
| root | \`/etc/holdfast/holdfast.toml\` | \`/etc/holdfast/conf.d/*.toml\` |
| anybody else | \`$XDG_CONFIG_HOME/holdfast/holdfast.toml\` (\`~/.config/...\`) | \`$XDG_CONFIG_HOME/holdfast/conf.d/*.toml\` |
| anyone, with \`-c FILE\` | \`FILE\` | \`conf.d/*.toml\` in the folder of \`FILE\` |

The files are [TOML](https://toml.io), and are read as if they were one; it does not matter which file a table is in. All mistakes of
all files are reported at once, each with file, line and key, and nothing is applied as long as there is one.
[config.schema.json](config.schema.json) is the same in JSON Schema, for editors.

\`\`\`toml
[defaults]
user = "iocuser"

[template.ioc]
run = ["/opt/epics/bin/iocsh.bash", "/opt/iocs/e3-ioc-{name}/st.cmd"]
endpoints = ["unix:{name}.sock"]
ignore = "^C^D"

[console]
vac-01 = { template = "ioc" }
vac-02 = { template = "ioc" }
cryo = { template = "ioc", after = ["vac-01"], restart = "on-failure" }
plc = { telnet = "10.0.0.7:2003" }
\`\`\`

## Precedence

A console's own table takes precedence over its template, that over the template it builds on, all of these over what
was [discovered](#discovername), that over \`[defaults]\`, and anything over the built-in defaults below. Tables
(${MERGED.join(', ')}) are merged key by key, except that \`restart.backoff\` and
\`restart.limit\` are taken whole; other values replace each other. A nearer source (\`run\`, \`unix\`, \`tcp\`, \`telnet\`,
\`serial\`) replaces a farther one of any kind.

\`{name}\` stands for the name of the console in \`run\`, \`unix\`, \`tcp\`, \`telnet\`, \`serial\`, \`chdir\`, \`env\`,
\`env_file\`, \`init\`, \`init.command\`, \`log.path\` and \`endpoints\`. Any other word in braces stays as it is,
and so does \`\${name}\`, which is the shell's.

## Values

- A **duration** is a number of seconds, or a text such as \`"500ms"\`, \`"5s"\`, \`"10m"\`, \`"2h"\`, \`"7d"\`.
- A **size** is a number of bytes, or a text such as \`"64k"\`, \`"10M"\`, \`"1G"\` (powers of 1024).
- The **name of a console** is made of letters, digits and \`_ . : @ + -\`, the first a letter or digit. One with a dot or a
  colon is quoted in TOML: \`[console."TS:vac.01"]\`.

## What a process gets

Its environment is \`PATH\`, \`LANG\`, \`LC_*\` and \`TZ\` of the server; \`HOME\`, \`USER\`, \`LOGNAME\` and \`SHELL\` of its
user; \`TERM=vt220\`; \`IOCNAME\` and \`HOLDFAST_CONSOLE\`, the name of the console; then the variables of \`env_file\`, then those of \`env\`.
`;

type Section = readonly [
  heading: string,
  words: string,
  example: string,
  table: Schema,
  more?: (key: string) => string,
];

const SECTIONS: readonly Section[] = [
  [
    '[server]',
    'Settings that all consoles share. The section may be spread over files, each key in one of them. A change takes effect with the next start of the server, which stops no process, unless a key says otherwise.',
    '[server]',
    ConfigSchema.properties.server as unknown as Schema,
    ofServer,
  ],
  [
    '[console.NAME]',
    "A console: a process in a terminal, or a link to another program's stream. `[defaults]` and `[template.NAME]` have the same keys. A change takes effect at once, unless a key says otherwise.",
    '[console.vac-01]',
    ConsoleSchema as unknown as Schema,
    ofConsole,
  ],
  [
    '[discover.NAME]',
    'Consoles from folders: one for each folder of `dir` that has the right name and file. A `[console.NAME]` table for one of them adds to what was found and takes precedence. `[discover.ioc]` with `dir = "/opt/iocs"` and nothing else runs `iocsh.bash /opt/iocs/e3-ioc-vac/st.cmd` in `/opt/iocs/e3-ioc-vac` as console `vac`, and so on.',
    '[discover.ioc]',
    Object.values(ConfigSchema.properties.discover.patternProperties)[0] as unknown as Schema,
  ],
  [
    '[isis.NAME]',
    'An [ISIS message server](../guide/isis.md) in this host server; there may be several, each with a port of its own. In the history, in plans and in messages it is called `isis.NAME`. A change is applied by closing and reopening this instance: its hosts come back with the handshake or with their next message.',
    '[isis.mods1]',
    IsisSchema as unknown as Schema,
  ],
  [
    '[conserver]',
    'All consoles of the host for `console` of conserver ([guide](../guide/conserver.md)): without this section there is no such listener. The section may be spread over files, each key in one of them. A change takes effect at once; sessions go on if their console stays and their user keeps the right. In plans and in the history it is called `[conserver]`.',
    '[conserver]',
    ConserverSchema as unknown as Schema,
  ],
  [
    '[access]',
    'Rights of users ([guide](../guide/access.md)). Without this section, everyone who can connect to the control socket, an endpoint or another channel may do everything there. With it, anything that no rule grants is refused, except to root, the user that the server runs as, the server itself, and signals. Rules add up, whatever their order and files; limits restrict all of them. A change takes effect at once: a user who loses the right to read is disconnected, one who loses the right to write loses the keyboard.',
    '[access]',
    flat(AccessSchema),
  ],
  [
    '[[access.rule]]',
    `A rule that grants rights.${rightsText()}`,
    '[[access.rule]]',
    AccessSchema.properties.rule.items as unknown as Schema,
  ],
  [
    '[[access.limit]]',
    'A limit. It grants nothing.',
    '[[access.limit]]',
    AccessSchema.properties.limit.items as unknown as Schema,
  ],
  [
    '[audit]',
    'The audit ([guide](../guide/access.md#who-did-it), [format](audit.md)): every change is a line in `audit.jsonl` in the state directory. It is kept if this section, which may be empty, or `[access]` exists. A change takes effect at once.',
    '[audit]',
    ConfigSchema.properties.audit as unknown as Schema,
  ],
  [
    '[network]',
    'The control API over TLS 1.3, or over HTTP for a reverse proxy, for users who log in ([guide](../guide/access.md)). Without this section nothing listens. Network input is read by `holdfast-gateway`, an unprivileged process, never by the server. The section may be spread over files, each key in one of them. A change takes effect at once.',
    '[network]',
    NetworkSchema as unknown as Schema,
  ],
];

/** Its own keys, without the tables that have sections of their own. */
function flat({ properties: { contact } }: typeof AccessSchema): Schema {
  return Type.Object({ contact }) as unknown as Schema;
}

function rightsText(): string {
  const rows = Object.entries(RIGHTS).map(
    ([right, { what, includes }]) =>
      `| \`${right}\` | ${what} | ${includes.map((each) => `\`${each}\``).join(', ')} |\n`,
  );
  return `\n\n| right | allows to | includes |\n| - | - | - |\n${rows.join('')}`;
}

export function configPage(): string {
  const sections = SECTIONS.flatMap(([heading, words, example, table, more = () => '']) => [
    `## \`${heading}\`\n\n${words}\n`,
    ...configKeys(table).map((key) => entry(key, example, /[.[]/.test(key.name) ? '' : more(key.name))),
  ]);
  return [INTRODUCTION, ...sections].join('\n');
}

function entry(key: ConfigKey, section: string, more: string): string {
  const kind = key.expects.replace(/^(a duration|a size) \(.*/, '$1');
  const fallback = key.default === undefined ? '' : ` Default: \`${toml(key.default)}\`.`;
  const needed = key.required ? ' Required.' : '';
  const form = `${kind[0]?.toUpperCase()}${kind.slice(1)}.${fallback}${needed}${more}`;
  const examples = key.examples.map((example) => `\n\`\`\`toml\n${section}\n${example}\n\`\`\`\n`);
  return `### \`${key.name}\`\n\n${form}\n${key.description === '' ? '' : `\n${key.description}\n`}${examples.join('')}`;
}
