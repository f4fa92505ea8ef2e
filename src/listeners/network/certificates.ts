/** What `[network]` names files for, as these have it: certificates, keys, the secret of the provider. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { GatewayOidc, GatewaySettings } from '../../model/gateway-protocol.ts';
import type { NetworkConfig, OidcConfig } from '../../model/network-config.ts';
import { type Aside, aside } from '../../platform/aside.ts';

export type Certificates = Pick<GatewaySettings, 'certificate' | 'key' | 'clientCa'>;

/** For everybody. */
const READABLE = 0o004;

/** None where nothing listens with TLS. Rejects with what is wrong with which file. */
export async function readCertificates(
  { certificate, clientCa, key }: Pick<NetworkConfig, 'certificate' | 'key' | 'clientCa'>,
  files: Pick<Aside, 'readFile'> = aside,
): Promise<Certificates> {
  if (certificate === undefined || key === undefined) {
    return {};
  }
  const found = {
    certificate: await read(certificate, files),
    key: await readSecret(key, files),
    ...(clientCa === undefined ? {} : { clientCa: await read(clientCa, files) }),
  };
  const host = parsed(certificate, () => new X509Certificate(found.certificate));
  if (!host.checkPrivateKey(parsed(key, () => createPrivateKey(found.key)))) {
    throw new Error(`${key} is not the key of ${certificate}`);
  }
  if (clientCa !== undefined) {
    parsed(clientCa, () => new X509Certificate(found.clientCa as string));
  }
  return found;
}

/** Rejects with what is wrong with which file. */
export async function readProvider(
  { ca, clientSecretFile, ...rest }: OidcConfig,
  files: Pick<Aside, 'readFile'> = aside,
): Promise<GatewayOidc> {
  const found = {
    ...rest,
    ...(ca === undefined ? {} : { ca: await read(ca, files) }),
    ...(clientSecretFile === undefined ? {} : { clientSecret: (await readSecret(clientSecretFile, files)).trim() }),
  };
  if (ca !== undefined) {
    parsed(ca, () => new X509Certificate(found.ca as string));
  }
  return found;
}

async function readSecret(path: string, files: Pick<Aside, 'readFile'>): Promise<string> {
  if (((await stat(path)).mode & READABLE) !== 0) {
    throw new Error(`${path} is readable by everybody: chmod o-r ${path}`);
  }
  return read(path, files);
}

async function read(path: string, files: Pick<Aside, 'readFile'>): Promise<string> {
  const bytes = await files.readFile(path).catch(({ message }: Error) => {
    throw new Error(message.includes(path) ? message : `${path}: ${message}`);
  });
  return bytes.toString('latin1');
}

function parsed<T>(path: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message}`);
  }
}
