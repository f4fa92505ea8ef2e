/** All keys of a console, of the defaults and of a template, in the order of the reference page. */
import * as Type from 'typebox';
import { LINE_KEYS } from './line-keys.ts';
import { LOG_KEYS } from './log-keys.ts';
import { PROCESS_KEYS } from './process-keys.ts';
import { consoleKey } from './record.ts';
import { SESSION_KEYS } from './session-keys.ts';
import { SERIAL_KEYS, SOURCE_KEYS } from './source-keys.ts';
import { SUPERVISION_KEYS } from './supervision-keys.ts';

const TEMPLATE = consoleKey({
  layers: 'nearest',
  change: 'live',
  sets: 'layers',
  schema: Type.Optional(
    Type.String({
      description:
        'Name of the `[template.NAME]` table that this one builds on. Templates may build on templates. In `[defaults]`: the template of consoles that name none.',
      examples: ['ioc'],
    }),
  ),
  value: (name) => name,
});

/** Each is a property of `ConsoleConfig`. */
export const SETTING_KEYS = { ...PROCESS_KEYS, ...SUPERVISION_KEYS, ...LINE_KEYS, ...LOG_KEYS, ...SESSION_KEYS };

export const CONSOLE_KEYS = { template: TEMPLATE, ...SOURCE_KEYS, ...SERIAL_KEYS, ...SETTING_KEYS };
