/** Encryption as conserver does it (spec/conserver.md 3). */
import type { TLSSocketOptions } from 'node:tls';

/**
 * Without certificates: encrypted, but unauthenticated. `aNULL` alone would also admit a suite that does not encrypt.
 */
const ANONYMOUS = {
  ciphers: 'ALL:aNULL:!eNULL:!LOW:!EXP:!MD5:@STRENGTH:@SECLEVEL=0',
  maxVersion: 'TLSv1.2',
  dhparam: 'auto',
} as const;
const CERTIFIED = { ciphers: 'ALL:!eNULL:!LOW:!EXP:!MD5:!aNULL:@STRENGTH' } as const;

/** The texts of PEM files; with `ca` clients may show a certificate, and must if it is `required`. */
export interface Pems {
  readonly cert?: Buffer | undefined;
  readonly key?: Buffer | undefined;
  readonly ca?: Buffer | undefined;
  readonly required: boolean;
}

/** Throws OpenSSL's objections to the files, if any: reported now rather than to the first client. */
export function conserverTls({ cert, key, ca, required }: Pems): TLSSocketOptions {
  const options = {
    ...(cert && key ? { ...CERTIFIED, cert, key } : ANONYMOUS),
    ...(ca && { ca }),
    requestCert: required,
    rejectUnauthorized: required,
  } as TLSSocketOptions;
  if (cert || key || ca) {
    // Loaded here: it would add 15 ms to every start, and more with NODE_EXTRA_CA_CERTS.
    process.getBuiltinModule('node:tls').createSecureContext(options);
  }
  return options;
}
