/** The JSON Schema of the configuration files, for editors and for other people's tools. */
import { ConfigSchema, ConsoleSchema } from '../../src/model/config-schema.ts';

const CONSOLE = { $ref: '#/$defs/console' };

export function configJsonSchema(): string {
  const { properties, ...rest } = ConfigSchema;
  const document = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Configuration of a Holdfast server (holdfast.toml, conf.d/*.toml)',
    ...rest,
    properties: {
      ...properties,
      defaults: CONSOLE,
      template: tablesOfConsoles(properties.template),
      console: tablesOfConsoles(properties.console),
    },
    $defs: { console: ConsoleSchema },
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** Once written out is enough: the defaults, every template and every console have the same keys. */
function tablesOfConsoles(tables: { readonly patternProperties: object }): object {
  const patterns = Object.keys(tables.patternProperties).map((pattern) => [pattern, CONSOLE]);
  return { ...tables, patternProperties: Object.fromEntries(patterns) };
}
