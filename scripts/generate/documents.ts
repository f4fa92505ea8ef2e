/** Every document that is made from the sources. */

import { COMMANDS } from '../../src/cli/holdfast/commands.ts';
import { cliReference } from '../../src/cli/holdfast/reference.ts';
import { errorsText, openApiText } from './api-pages.ts';
import { configJsonSchema } from './config-json-schema.ts';
import { configPage } from './config-page.ts';
import { statesPage } from './states-page.ts';

export interface GeneratedDocument {
  /** Relative to the project's folder. */
  readonly path: string;
  readonly text: () => string;
}

export const DOCUMENTS: readonly GeneratedDocument[] = [
  { path: 'docs/reference/config.md', text: configPage },
  { path: 'docs/reference/config.schema.json', text: configJsonSchema },
  { path: 'docs/reference/states.md', text: statesPage },
  { path: 'docs/reference/openapi.json', text: openApiText },
  { path: 'docs/reference/errors.md', text: errorsText },
  { path: 'docs/reference/cli.md', text: () => cliReference(COMMANDS) },
];
