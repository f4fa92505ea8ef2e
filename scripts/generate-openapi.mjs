// Writes docs/reference/openapi.json and docs/reference/errors.md from their sources: `build/node scripts/generate-openapi.mjs`.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorsText, openApiText } from '../test/reference-pages.ts';

const reference = join(import.meta.dirname, '../docs/reference');
writeFileSync(join(reference, 'openapi.json'), openApiText());
writeFileSync(join(reference, 'errors.md'), errorsText());
