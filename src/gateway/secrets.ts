/** Secrets: 32 random bytes as text, of which only the hash is stored. */
import { createHash, randomBytes } from 'node:crypto';

const BYTES = 32;

export function secret(): string {
  return randomBytes(BYTES).toString('base64url');
}

export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
