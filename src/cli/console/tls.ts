/** Encryption as conserver does it: anonymous Diffie-Hellman unless certificates are set up (conserver.md 3). */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { connect, getCACertificates, type TLSSocket } from 'node:tls';
import { ConsoleFailure } from './failure.ts';
import type { ClientSettings } from './settings.ts';

/** Only TLS 1.2 and older have anonymous suites, and OpenSSL's security level 1 forbids them. */
const ANONYMOUS = { ciphers: 'ALL:aNULL:!LOW:!EXP:!MD5:@STRENGTH:@SECLEVEL=0', maxVersion: 'TLSv1.2' } as const;
const CERTIFIED = { ciphers: 'ALL:!LOW:!EXP:!MD5:!aNULL:@STRENGTH' } as const;

/** Throws ConsoleFailure (69): a server that cannot be trusted ends the client, as in the original. */
export async function encrypt(socket: Socket, host: string, settings: ClientSettings): Promise<TLSSocket> {
  const { sslcredentials } = settings;
  const credentials = sslcredentials && readPem(sslcredentials, 'certificate');
  const secured = connect({
    socket,
    ca: authorities(settings),
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
    ...(credentials ? { ...CERTIFIED, cert: credentials, key: credentials } : ANONYMOUS),
  });
  await new Promise<void>((resolve, reject) => {
    const fail = (error: Error) => reject(new ConsoleFailure(`SSL negotiation failed: ${host}: ${error.message}`));
    secured.once('error', fail);
    secured.once('close', () => fail(new Error('the server hung up')));
    secured.once('secureConnect', resolve);
  });
  const anonymous = /^A(EC)?DH-/.test(secured.getCipher().name);
  if (!anonymous && !secured.authorized) {
    const reason = secured.authorizationError as unknown as Error | string | undefined;
    secured.destroy();
    const why = reason instanceof Error ? reason.message : (reason ?? 'no certificate');
    throw new ConsoleFailure(`SSL negotiation failed: ${host}: certificate not accepted: ${why}`);
  }
  secured.removeAllListeners('close');
  secured.removeAllListeners('error');
  return secured;
}

/** The given file and directory, or those of the system. Only the chain is checked, not the host name. */
function authorities(settings: ClientSettings): string[] {
  const { sslcacertificatefile: file, sslcacertificatepath: folder } = settings;
  if (file === undefined && folder === undefined) {
    return getCACertificates('system');
  }
  const files = file === undefined ? [] : [readPem(file, 'CA certificates')];
  return files.concat(folder === undefined ? [] : pemFiles(folder));
}

function pemFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
      .map((name) => join(folder, name))
      .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile())
      .map((path) => readFileSync(path, 'latin1'))
      .filter((pem) => pem.includes('-----BEGIN '));
  } catch (error) {
    throw new ConsoleFailure(`could not read CA certificates: ${(error as Error).message}`);
  }
}

function readPem(path: string, what: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    throw new ConsoleFailure(`could not read ${what}: ${(error as Error).message}`);
  }
}
