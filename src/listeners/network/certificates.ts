/** The certificate of the host, its key, and the authorities of people's certificates, as files have them. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { GatewaySettings } from '../../model/gateway-protocol.ts';
import type { NetworkConfig } from '../../model/network-config.ts';
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
  const read = async (path: string): Promise<string> => {
    const bytes = await files.readFile(path).catch(({ message }: Error) => {
      throw new Error(message.includes(path) ? message : `${path}: ${message}`);
    });
    return bytes.toString('latin1');
  };
  if (((await stat(key)).mode & READABLE) !== 0) {
    throw new Error(`${key} is readable by everybody: chmod o-r ${key}`);
  }
  const found = {
    certificate: await read(certificate),
    key: await read(key),
    ...(clientCa === undefined ? {} : { clientCa: await read(clientCa) }),
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

function parsed<T>(path: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message}`);
  }
}
