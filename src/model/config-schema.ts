/** The configuration of a host server (`holdfast.toml`, `conf.d/*.toml`) as written: the tables, whose keys are in `keys/`. */

import type { Static } from 'typebox';
import * as Type from 'typebox';
import { AccessSchema } from './access-schema.ts';
import { AuditSchema } from './audit-schema.ts';
import { CONSOLE_NAME, CONSOLE_NAME_PATTERN, closed, Path } from './config-forms.ts';
import { ConserverSchema } from './conserver-schema.ts';
import { IsisTables } from './isis-schema.ts';
import { CONSOLE_KEYS } from './keys/console-keys.ts';
import { schemasOf } from './keys/record.ts';
import { SERVER_KEYS } from './keys/server-keys.ts';
import { NetworkSchema } from './network-schema.ts';
import { ANY_NAME, TableOf } from './table-of.ts';

const Optional = Type.Optional;

/** Keys of a console, the defaults and a template. */
export const ConsoleSchema = Type.Object(schemasOf(CONSOLE_KEYS), closed);

const Discover = Type.Object(
  {
    dir: Path({
      description:
        'Directory to look in; a relative path is below the folder of this file. If it cannot be read, or if a folder has a name that a console cannot have, everything else still starts: a warning names them, running processes go on, and what can be read later is picked up then.',
      examples: ['/opt/iocs'],
    }),
    match: Optional(
      Type.String({
        pattern: '^[^*/]*\\*[^*/]*$',
        title: 'a name with one *',
        description: 'Names of its folders; the part that `*` matches names the console.',
        default: 'e3-ioc-*',
        examples: ['ioc-*'],
      }),
    ),
    file: Optional(
      Type.String({
        pattern: '^[^/\\0]+$',
        title: 'a name of a file',
        description: 'File that a folder must have; other folders are skipped.',
        default: 'st.cmd',
        examples: ['startup.iocsh'],
      }),
    ),
    run: Optional(
      Type.Array(Type.String(), {
        minItems: 1,
        description: 'Argument vector; `{dir}`, `{name}` and `{file}` are filled in. The process starts in `{dir}`.',
        default: ['iocsh.bash', '{file}'],
        examples: [['/opt/epics/bin/iocsh.bash', '{file}']],
      }),
    ),
    template: Optional(
      Type.String({
        description:
          'Template that the consoles build on; its `run` and `chdir`, if any, take precedence over those here.',
        examples: ['ioc'],
      }),
    ),
  },
  closed,
);

const Server = Type.Object(schemasOf(SERVER_KEYS), closed);

export const ConfigSchema = Type.Object(
  {
    server: Optional(Server),
    defaults: Optional(ConsoleSchema),
    template: Optional(TableOf(ANY_NAME, ConsoleSchema, { title: 'tables [template.NAME]' })),
    console: Optional(
      TableOf(CONSOLE_NAME_PATTERN, ConsoleSchema, {
        ...closed,
        ...CONSOLE_NAME,
        title: 'tables [console.NAME]',
      }),
    ),
    discover: Optional(TableOf(ANY_NAME, Discover, { title: 'tables [discover.NAME]' })),
    isis: Optional(IsisTables),
    conserver: Optional(ConserverSchema),
    access: Optional(AccessSchema),
    audit: Optional(AuditSchema),
    network: Optional(NetworkSchema),
  },
  closed,
);

/** A configuration file as written. */
export type ConfigFile = Static<typeof ConfigSchema>;
export type ConsoleTable = Static<typeof ConsoleSchema>;
export type DiscoverTable = Static<typeof Discover>;
export type ServerTable = Static<typeof Server>;
