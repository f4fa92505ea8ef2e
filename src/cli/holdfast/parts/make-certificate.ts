/** An authority and a certificate of this host, by openssl(1): Node writes keys, but no certificates. */
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface CertificateRequest {
  readonly folder: string;
  /** Names and addresses of the host; the first one is its name. */
  readonly names: readonly string[];
  readonly days: number;
}

export interface MadeCertificate {
  /** Files that were written, in order. */
  readonly made: readonly string[];
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
  readonly host: X509Certificate;
}

/** Twenty years: the authority is on the machines of people. */
const AUTHORITY_DAYS = 7300;
/** What X.509 allows for a common name. */
const LONGEST_NAME = 64;
const SERIAL_BYTES = 16;

/**
 * What there is stays: an authority, and the key of the host, which people may have pinned. The certificate is made anew. Throws with what
 * openssl says.
 */
export function makeCertificate({ folder, names, days }: CertificateRequest): MadeCertificate {
  const [authority, authorityKey] = [join(folder, 'ca.pem'), join(folder, 'ca.key')];
  const [certificate, key] = [join(folder, 'host.pem'), join(folder, 'host.key')];
  const [name = ''] = names;
  const made: string[] = [];
  const write = (path: string, text: string, mode: number): void => {
    writeFileSync(path, text, { mode });
    made.push(path);
  };
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const work = mkdtempSync(join(tmpdir(), 'holdfast-certificate-'));
  try {
    const config = (text: string): string => {
      const path = join(work, 'openssl.cnf');
      writeFileSync(path, text);
      return path;
    };
    if (!existsSync(authority)) {
      write(authorityKey, newKey(), 0o600);
      const conf = config(authorityConfig(name));
      const days = ['-days', String(AUTHORITY_DAYS)];
      write(
        authority,
        openssl(['req', '-x509', '-new', '-sha256', '-key', authorityKey, ...days, '-config', conf]),
        0o644,
      );
    }
    if (!existsSync(key)) {
      write(key, newKey(), 0o600);
    }
    const conf = config(hostConfig(names));
    const request = openssl(['req', '-new', '-sha256', '-key', key, '-config', conf]);
    const serial = `0x00${randomBytes(SERIAL_BYTES).toString('hex')}`;
    const signed = openssl(
      [
        ...['x509', '-req', '-sha256', '-CA', authority, '-CAkey', authorityKey, '-set_serial', serial],
        ...['-days', String(days), '-extfile', conf, '-extensions', 'host'],
      ],
      request,
    );
    write(certificate, `${signed}${readFileSync(authority, 'utf8')}`, 0o644);
    return { made, authority, certificate, key, host: new X509Certificate(signed) };
  } finally {
    rmSync(work, { recursive: true });
  }
}

function newKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function authorityConfig(name: string): string {
  return `[req]
prompt = no
distinguished_name = name
x509_extensions = authority
[name]
CN = ${`Holdfast of ${name}`.slice(0, LONGEST_NAME)}
[authority]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
`;
}

function hostConfig(names: readonly string[]): string {
  return `[req]
prompt = no
distinguished_name = name
[name]
CN = ${(names[0] as string).slice(0, LONGEST_NAME)}
[host]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = ${names.map((each) => `${isIP(each) === 0 ? 'DNS' : 'IP'}:${each}`).join(', ')}
`;
}

/** Its standard output. */
function openssl(words: readonly string[], input = ''): string {
  const { error, status, stderr, stdout } = spawnSync('openssl', words, { input, encoding: 'utf8' });
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') {
    throw new Error('openssl is not installed (Debian: apt-get install openssl)');
  }
  if (error || status !== 0) {
    throw new Error(`openssl ${words[0]}: ${error?.message ?? stderr.trim()}`);
  }
  return stdout;
}
