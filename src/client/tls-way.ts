/**
 * The way over TLS, to a host that is known: by the key of its certificate, or by an authority. Nothing is sent before it is clear
 * that it is this host. `node:tls` is loaded with the first connection.
 */
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { HoldfastError } from '../model/errors.ts';
import { keyFingerprint } from '../platform/net/key-fingerprint.ts';
import { systemClock } from '../platform/time/clock.ts';
import type { HostPlace, Shown } from './host-place.ts';
import { PATIENCE } from './patience.ts';
import type { Opened, Way } from './way.ts';

export class TlsWay implements Way {
  readonly host: string;
  readonly patience = PATIENCE;
  readonly headers: Readonly<Record<string, string>>;
  readonly probeHeaders: Readonly<Record<string, string>>;
  readonly #place: HostPlace;

  constructor(place: HostPlace, authorization: string) {
    const { host, port } = place;
    this.#place = place;
    this.host = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    this.headers = { host: this.host, authorization };
    // A password may take PAM long: the probe would wait for it as well, and count as a second attempt.
    this.probeHeaders = authorization.startsWith('Basic ') ? { host: this.host } : this.headers;
  }

  connect(_options: object, opened: Opened): undefined {
    connectTls(this.#place).then(
      (socket) => opened(null, socket),
      (error) => opened(error),
    );
  }

  fault(error: NodeJS.ErrnoException): Error {
    return tlsError(error, this.#place);
  }

  async silence(_connection: Socket | null): Promise<Error> {
    return notInTime(this.#place);
  }
}

/** Identifies the peer without sending it anything. */
export async function lookAt({ name, host, port }: HostPlace): Promise<Shown> {
  const place = { name, host, port };
  const socket = await connectTls(place).catch((error) => {
    throw tlsError(error, place);
  });
  const shown = shownBy(socket, place);
  socket.destroy();
  return shown;
}

/** Rejects with the error of the system, or with HF_NOT_TRUSTED. */
function connectTls(place: HostPlace): Promise<TLSSocket> {
  const { ca, host, port } = place;
  const { isIP } = process.getBuiltinModule('node:net');
  const tls = process.getBuiltinModule('node:tls');
  return new Promise((resolve, reject) => {
    const socket = tls.connect({
      ...{ host, port, minVersion: 'TLSv1.3', ALPNProtocols: ['http/1.1'] },
      ...(isIP(host) === 0 ? { servername: host } : {}),
      // Without an authority the key is compared below.
      ...(ca === undefined ? { rejectUnauthorized: false } : { ca: readFileSync(ca) }),
    });
    const late = systemClock.after(PATIENCE, () => socket.destroy(notInTime(place)));
    socket.once('secureConnect', () => {
      late.cancel();
      socket.off('error', reject);
      try {
        mustBeKnown(socket, place);
        resolve(socket);
      } catch (error) {
        socket.destroy();
        reject(error);
      }
    });
    socket.once('error', (error) => {
      late.cancel();
      reject(error);
    });
  });
}

function mustBeKnown(socket: TLSSocket, place: HostPlace): void {
  const { key, name } = place;
  if (key === undefined) {
    return;
  }
  const { fingerprint, validTo } = shownBy(socket, place);
  if (fingerprint !== key) {
    throw new HoldfastError('HF_NOT_TRUSTED', changedText(name, key, fingerprint));
  }
  if (Date.parse(validTo) <= systemClock.now()) {
    throw new HoldfastError('HF_NOT_TRUSTED', expiredText(name, validTo));
  }
}

function shownBy(socket: TLSSocket, { name }: HostPlace): Shown {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) {
    throw new HoldfastError('HF_NOT_TRUSTED', `${name} shows no certificate`);
  }
  const { subject, validTo } = certificate;
  return { fingerprint: keyFingerprint(certificate), subject: subject.replaceAll('\n', ', '), validTo };
}

function changedText(name: string, known: string, shown: string): string {
  return (
    `THE KEY OF ${name} HAS CHANGED. Somebody may be in between, or it has a new certificate: ask who runs it before you go on. ` +
    `Known: ${known}, shown: ${shown}. If that is right: 'holdfast logout ${name}', then 'holdfast login ${name}'`
  );
}

function expiredText(name: string, end: string): string {
  return `the certificate of ${name} has expired (${end}), or the clock of this machine is wrong: whoever runs ${name} renews it`;
}

function notInTime({ name, host, port }: HostPlace): HoldfastError {
  const where = `${host}:${port}`;
  const seconds = PATIENCE / 1000;
  return new HoldfastError(
    'HF_NO_ANSWER',
    `${name} (${where}) has not answered within ${seconds} s: is there a network, or a firewall?`,
  );
}

/** What TLS and the network say, as an error that says what to do. */
function tlsError(error: NodeJS.ErrnoException, { name, host, port, ca }: HostPlace): Error {
  const where = `${host}:${port}`;
  const { code = '', message } = error;
  switch (code) {
    case 'ECONNREFUSED':
      return new HoldfastError('HF_NO_SERVER', `nothing listens at ${where}: the server is down, or has no [network]`);
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new HoldfastError('HF_NO_SERVER', `there is no host ${host}, or no network to ask for it`);
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ENETDOWN':
    case 'ETIMEDOUT':
      return new HoldfastError('HF_NO_SERVER', `there is no way to ${where} (${code}): is there a network?`);
    case 'ECONNRESET':
    case 'EPIPE':
      return new HoldfastError(
        'HF_BUSY',
        `${where} closed the connection without an answer: it is busy, going down, or not a gateway`,
      );
    case 'CERT_HAS_EXPIRED':
      return new HoldfastError('HF_NOT_TRUSTED', expiredText(name, 'its date is over'));
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return new HoldfastError(
        'HF_NOT_TRUSTED',
        `the certificate of ${where} is not for ${host}: call it by a name that is in it`,
      );
    case 'ENOENT':
    case 'EACCES':
      return new HoldfastError('HF_NOT_TRUSTED', `${name} is known by ${ca}, which cannot be read: ${message}`);
    default:
      return explained(error, where, ca);
  }
}

/** Names that OpenSSL and Node have for certificates, and for hands that cannot be shaken. */
const UNVERIFIED = /SIGN|ISSUER|CERT|VERIFY|CHAIN/;
const HANDSHAKE = /^ERR_SSL|^EPROTO/;

function explained(error: NodeJS.ErrnoException, where: string, ca: string | undefined): Error {
  const { code = '' } = error;
  if (error instanceof HoldfastError) {
    return error;
  }
  if (HANDSHAKE.test(code)) {
    return new HoldfastError(
      'HF_NOT_TRUSTED',
      `${where} does not speak TLS 1.3 (${code}): it is not a gateway, or an old one`,
    );
  }
  return UNVERIFIED.test(code)
    ? new HoldfastError('HF_NOT_TRUSTED', `the certificate of ${where} is not of the authority in ${ca} (${code})`)
    : error;
}
