/** conserver.passwd: passwords by user (spec/conserver.md 4.3). */
import type { Fault } from './source.ts';

/** How a user is checked. */
export type PasswordSecret =
  /** The empty password only. */
  | { readonly kind: 'none' }
  /** The system: PAM service `conserver`. */
  | { readonly kind: 'system' }
  /** A crypt(3) string. */
  | { readonly kind: 'crypt'; readonly hash: string };

export interface PasswordEntry {
  /** A user, or `*any*`. */
  readonly user: string;
  readonly secret: PasswordSecret;
}

export interface PasswordFile {
  readonly entries: readonly PasswordEntry[];
  readonly faults: readonly Fault[];
}

/** Lines `user:secret`; an indented line continues the one above. Texts are byte strings. Never throws. */
export function parseConserverPasswd(file: string, text: string): PasswordFile {
  const entries: PasswordEntry[] = [];
  const faults: Fault[] = [];
  let open: { text: string; line: number } | undefined;
  const close = () => {
    if (open !== undefined) {
      // The line is not shown: it may be a password.
      const { text: entry, line } = open;
      const colon = entry.indexOf(':');
      if (colon < 0) {
        const at = { file, line, column: 1 };
        faults.push({ at, message: `CheckPasswd(): ${file}(${line}) bad password line: no colon in it` });
      } else {
        entries.push({ user: entry.slice(0, colon).trim(), secret: toSecret(entry.slice(colon + 1).trim()) });
      }
    }
    open = undefined;
  };
  for (const [index, line] of text.split('\n').entries()) {
    const trimmed = line.trim();
    if (trimmed.startsWith('#')) {
      // An indented comment stands inside an entry, one at the start of a line after it.
      if (line.startsWith('#')) {
        close();
      }
    } else if (trimmed === '') {
      // A blank line says nothing.
    } else if (/^\s/.test(line) && open !== undefined) {
      open.text += trimmed;
    } else {
      close();
      open = { text: trimmed, line: index + 1 };
    }
  }
  close();
  return { entries, faults };
}

/** The first entry for this user or for everybody. */
export function findPassword(entries: readonly PasswordEntry[], user: string): PasswordSecret | undefined {
  return entries.find((entry) => entry.user === user || entry.user === '*any*')?.secret;
}

function toSecret(text: string): PasswordSecret {
  if (text === '') {
    return { kind: 'none' };
  }
  return text === '*passwd*' ? { kind: 'system' } : { kind: 'crypt', hash: text };
}
