/** The imported consoles as a configuration file. */
import { type TomlTable, type TomlValue, tomlComments, tomlTable } from '../../grammar/text/toml-text.ts';
import type { Imported, Note } from './imported.ts';

export function importDocument(
  kind: string,
  { about, template, discover, conserver, consoles, notes }: Imported,
): string {
  const tables: TomlTable[] = [
    ...(template ? [{ path: ['template', template.name], values: valuesOf(template.table) }] : []),
    ...(discover ? [{ path: ['discover', discover.name], values: valuesOf(discover.table) }] : []),
    ...(conserver
      ? [
          {
            path: ['conserver'],
            comments: [`${conserver.place.file}:${conserver.place.line}`, ...conserver.notes.map(sayNote)],
            values: valuesOf(conserver.table),
          },
        ]
      : []),
    ...consoles.map(({ name, table, place, notes: own }) => ({
      path: ['console', name],
      comments: [`${place.file}:${place.line}`, ...own.map(sayNote)],
      values: valuesOf(table),
    })),
  ];
  const left =
    notes.length > 0 ? ['', 'Not imported:', ...notes.map(({ place, text }) => `${place.file}: ${text}`)] : [];
  const head = tomlComments([`Made by: holdfast import ${kind}`, ...about, ...left]);
  return [head, ...tables.map(tomlTable)].join('\n');
}

export function sayNote({ place, text }: Note): string {
  return `${place.file}:${place.line}: ${text}`;
}

/** The values of a table: every type of the schema is a TOML type. */
function valuesOf(table: object): Readonly<Record<string, TomlValue>> {
  return table as Readonly<Record<string, TomlValue>>;
}
