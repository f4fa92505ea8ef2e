/** Every document that is made from the sources. */

import { configJsonSchema } from './config-json-schema.ts';
import { configPage } from './config-page.ts';
import { errorsText, openApiText } from './reference-pages.ts';

export interface GeneratedDocument {
  /** Relative to the project's folder. */
  readonly path: string;
  readonly text: () => string;
}

export const DOCUMENTS: readonly GeneratedDocument[] = [
  { path: 'docs/reference/config.md', text: configPage },
  { path: 'docs/reference/config.schema.json', text: configJsonSchema },
  { path: 'docs/reference/errors.md', text: errorsText },
  { path: 'docs/reference/openapi.json', text: openApiText },
];
