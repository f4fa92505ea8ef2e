/** Certificates for tests, made by openssl(1): that of a host which is its own authority. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

/** For `localhost` and 127.0.0.1. */
export function certificateIn(folder: string, name = 'host'): CertificateFiles {
  const files = { certificate: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) };
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
      ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
      ...['-keyout', files.key, '-out', files.certificate],
    ],
    { stdio: 'ignore' },
  );
  return files;
}

export function contentsOf({ certificate, key }: CertificateFiles): CertificateFiles {
  return { certificate: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') };
}

/** The same, over since years ago. Only openssl-ca(1) sets both dates in every version. */
export function expiredIn(folder: string): CertificateFiles {
  const { key } = certificateIn(folder, 'expired');
  const config = join(folder, 'ca.cnf');
  const lines = [
    ...['[ca]', 'default_ca = d', '[d]', 'database = index', 'serial = serial', 'new_certs_dir = .', 'policy = p'],
    ...['default_md = sha256', 'x509_extensions = x', '[p]', 'commonName = supplied'],
    ...['[x]', 'subjectAltName = DNS:localhost,IP:127.0.0.1'],
  ];
  writeFileSync(config, lines.join('\n'));
  writeFileSync(join(folder, 'index'), '');
  writeFileSync(join(folder, 'serial'), '01\n');
  const run = (...words: string[]) => execFileSync('openssl', words, { cwd: folder, stdio: 'ignore' });
  run('req', '-new', '-key', key, '-subj', '/CN=localhost', '-out', 'expired.csr');
  const dates = ['-startdate', '20200101000000Z', '-enddate', '20200102000000Z'];
  run(
    'ca',
    '-batch',
    '-selfsign',
    '-config',
    config,
    '-keyfile',
    key,
    ...dates,
    '-in',
    'expired.csr',
    '-out',
    'old.pem',
  );
  return { certificate: join(folder, 'old.pem'), key };
}

/** An authority of people, and what it makes for one. */
export function authority(folder: string, name: string) {
  const [ca, caKey] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
  const openssl = (...words: string[]) => execFileSync('openssl', words, { stdio: 'ignore' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl('req', '-x509', ...newKey, '-days', '2', '-subj', `/CN=${name}`, '-keyout', caKey, '-out', ca);
  const made = (user: string) => {
    const [cert, key, request] = ['pem', 'key', 'csr'].map((end) => join(folder, `${name}-${user}.${end}`)) as [
      string,
      string,
      string,
    ];
    openssl('req', '-new', ...newKey, '-subj', `/CN=${user}`, '-keyout', key, '-out', request);
    openssl('x509', '-req', '-in', request, '-CA', ca, '-CAkey', caKey, '-set_serial', '7', '-days', '2', '-out', cert);
    return { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
  };
  return { ca: readFileSync(ca, 'utf8'), made };
}
