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
        description: `Maximum size of all its files together; the oldest goes first. At least ${LEAST_KEEP_BYTES >> 20}M.`,
        default: AUDIT_KEEP,
        examples: ['1G'],
      }),
    ),
    when_full: Optional(
      Type.Union([Type.Literal('refuse'), Type.Literal('go on')], {
        title: '"refuse" or "go on"',
        description:
          'What becomes of that which takes the right `admin` or `configure` while the audit cannot be written, since the disk is full, say. Starting, stopping, restarting and typing go on in any case; what could not be recorded is counted in the next line.',
        default: 'refuse',
        examples: ['go on'],
      }),
    ),
    input: Optional(
      Type.Union([Type.Boolean(), Type.Array(Type.String({ minLength: 1 }))], {
        title: 'true, false, or a list of consoles (names, patterns, "@GROUP")',
        description:
          'Records the lines that people type, on all consoles or on these, with who typed them. A line is recorded only if it was on the screen while it was typed, character by character: a password is not, and nor is a line that was pasted as a whole; then it is recorded that there was one.',
        default: false,
        examples: [true, ['rf-*', '@vacuum']],
      }),
    ),
  },
  closed,
);

export type AuditTable = Static<typeof AuditSchema>;
