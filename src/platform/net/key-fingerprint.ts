/** A certificate as people compare it: by its key, which stays when it is renewed. */
import { createHash, type X509Certificate } from 'node:crypto';

/** `SHA256:` and 43 characters of base64, of the public key (SPKI). */
export function keyFingerprint({ publicKey }: X509Certificate): string {
  const key = publicKey.export({ type: 'spki', format: 'der' });
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}
