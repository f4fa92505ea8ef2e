/** Every document that is generated from the sources. */

import { readFileSync } from 'node:fs';
import { COMMANDS } from '../../src/cli/holdfast/commands.ts';
import { cliReference } from '../../src/cli/holdfast/text/reference.ts';
import { roomsTable } from '../../test/rooms.ts';
import { errorsText, openApiText } from './api-pages.ts';
import { apiTypes, isisApiTypes } from './api-types.ts';
import { auditPage } from './audit-page.ts';
import { configJsonSchema } from './config-json-schema.ts';
import { configPage } from './config-page.ts';
import { statesPage } from './states-page.ts';

export interface GeneratedDocument {
  /** Relative to the project's folder. */
  readonly path: string;
  readonly text: () => string;
}

export const DOCUMENTS: readonly GeneratedDocument[] = [
  { path: 'src/model/api.ts', text: apiTypes },
  { path: 'src/model/isis-api.ts', text: isisApiTypes },
  { path: 'docs/reference/config.md', text: configPage },
  { path: 'docs/reference/config.schema.json', text: configJsonSchema },
  { path: 'docs/reference/states.md', text: statesPage },
  { path: 'docs/reference/audit.md', text: auditPage },
  { path: 'docs/reference/openapi.json', text: openApiText },
  { path: 'docs/reference/errors.md', text: errorsText },
  { path: 'docs/reference/cli.md', text: () => cliReference(COMMANDS) },
  { path: 'ARCHITECTURE.md', text: () => withTable('ARCHITECTURE.md', 'rooms', roomsTable()) },
];

/** A page that is written by hand except for one table, between `<!-- NAME:begin -->` and `<!-- NAME:end -->`. */
function withTable(path: string, name: string, table: string): string {
  const [begin, end] = [`<!-- ${name}:begin -->\n`, `<!-- ${name}:end -->`];
  const page = readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
  const [before, rest = ''] = page.split(begin);
  const [, after] = rest.split(end);
  return `${before}${begin}${table}${end}${after}`;
}
