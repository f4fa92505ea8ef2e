/** `[audit]`: who did what, as written. */
import type { Static } from 'typebox';
import * as Type from 'typebox';
import { closed, Size } from './config-forms.ts';

const Optional = Type.Optional;

export const AUDIT_KEEP = '64M';
/** Less would be a file that holds a few lines. */
export const LEAST_KEEP_BYTES = 1 << 20;

export const AuditSchema = Type.Object(
  {
    keep: Optional(
      Size({
        description: `Maximum size of all its files together; the oldest is deleted first. At least ${LEAST_KEEP_BYTES >> 20}M.`,
        default: AUDIT_KEEP,
        examples: ['1G'],
      }),
    ),
    when_full: Optional(
      Type.Union([Type.Literal('refuse'), Type.Literal('go on')], {
        title: '"refuse" or "go on"',
        description:
          'Whether acts that require the right `admin` or `configure` are refused or go on while the audit cannot be written, for example on a full disk. Starting, stopping, restarting and typing go on in any case; the next line has the number of records that were lost.',
        default: 'refuse',
        examples: ['go on'],
      }),
    ),
    input: Optional(
      Type.Union([Type.Boolean(), Type.Array(Type.String({ minLength: 1 }))], {
        title: 'true, false, or a list of consoles (names, patterns, "@GROUP")',
        description:
          'Records the lines typed by users, on all consoles or on these, with their names. A line is recorded only if it was echoed while it was typed, character by character, which a password is not, nor is a line pasted as a whole; of such a line only the fact is recorded.',
        default: false,
        examples: [true, ['rf-*', '@vacuum']],
      }),
    ),
  },
  closed,
);

export type AuditTable = Static<typeof AuditSchema>;
