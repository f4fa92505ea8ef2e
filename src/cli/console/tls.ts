/** Encryption as conserver does it: anonymous Diffie-Hellman unless certificates are set up (spec/conserver.md 3). */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import {
  connect,
  createSecureContext,
  getCACertificates,
  type SecureContext,
  type SecureContextOptions,
  type TLSSocket,
} from 'node:tls';
import { ConsoleFailure } from './failure.ts';
import type { ClientSettings } from './settings.ts';

/** Only TLS 1.2 and older have anonymous suites, and OpenSSL's security level 1 forbids them; one of them does not encrypt. */
const ANONYMOUS = { ciphers: 'ALL:aNULL:!eNULL:!LOW:!EXP:!MD5:@STRENGTH:@SECLEVEL=0', maxVersion: 'TLSv1.2' } as const;
const CERTIFIED = { ciphers: 'ALL:!eNULL:!LOW:!EXP:!MD5:!aNULL:@STRENGTH' } as const;

/** Reading the authorities of the system takes 0.15 s, which an anonymous server does not need. */
const contexts = new WeakMap<ClientSettings, { context: SecureContext; complete: boolean }>();

/**
 * The encrypted socket; undefined when the server has a certificate and the authorities of the system have only now been
 * read: connect once more. Throws ConsoleFailure (69): a server that cannot be trusted ends the client, as in the original.
 */
export async function encrypt(socket: Socket, host: string, settings: ClientSettings): Promise<TLSSocket | undefined> {
  const trust = contexts.get(settings) ?? remember(settings, false);
  const secured = connect({
    socket,
    secureContext: trust.context,
    // The handshake goes on for anonymous servers; the others are judged below.
    rejectUnauthorized: false,
    // Only the chain counts (spec/conserver.md 3).
    checkServerIdentity: () => undefined,
  });
  await new Promise<void>((resolve, reject) => {
    const fail = ({ message }: Error) =>
      reject(new ConsoleFailure(`SSL negotiation failed: ${host}: ${message.trim()}`));
    secured.once('error', fail);
    secured.once('close', () => fail(new Error('the server hung up')));
    secured.once('secureConnect', resolve);
  });
  secured.removeAllListeners('close');
  secured.removeAllListeners('error');
  if (/^A(EC)?DH-/.test(secured.getCipher().name) || secured.authorized) {
    return secured;
  }
  secured.on('error', () => undefined);
  secured.destroy();
  if (!trust.complete) {
    remember(settings, true);
    return undefined;
  }
  const reason = secured.authorizationError as unknown as Error | string | undefined;
  const why = reason instanceof Error ? reason.message : (reason ?? 'no certificate');
  throw new ConsoleFailure(`SSL negotiation failed: ${host}: certificate not accepted: ${why}`);
}

/** Throws ConsoleFailure (69) for files that cannot be read, whether a server asks for them or not. */
export function prepareTls(settings: ClientSettings): void {
  remember(settings, false);
}

/** Makes and keeps the context for this run; `complete` reads the authorities of the system where no others are given. */
function remember(settings: ClientSettings, complete: boolean) {
  const { sslcredentials, sslcacertificatefile: file, sslcacertificatepath: folder } = settings;
  const pem = sslcredentials && readPem(sslcredentials, 'certificate');
  const given = file !== undefined || folder !== undefined;
  const ca = given ? givenAuthorities(file, folder) : complete ? getCACertificates('system') : [];
  const context = newContext(pem ? { ca, ...CERTIFIED, cert: pem, key: pem } : { ca, ...ANONYMOUS });
  const trust = { context, complete: complete || given };
  contexts.set(settings, trust);
  return trust;
}

function newContext(options: SecureContextOptions): SecureContext {
  try {
    return createSecureContext(options);
  } catch (error) {
    throw new ConsoleFailure(`no certificate with its key, or no CA certificates, as PEM: ${(error as Error).message}`);
  }
}

function givenAuthorities(file: string | undefined, folder: string | undefined): string[] {
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
