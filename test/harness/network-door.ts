/** A gateway in this process, at a host in memory behind the control API: TLS on loopback, tokens of the test. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { Gateway } from '../../src/gateway/gateway.ts';
import type { OpenProvider } from '../../src/gateway/provider-port.ts';
import { Server } from '../../src/gateway/server.ts';
import { WebFiles } from '../../src/gateway/web-files.ts';
import { createControl } from '../../src/listeners/control/control.ts';
import { BrowserSessions } from '../../src/listeners/network/browser-sessions.ts';
import { GatewayLink } from '../../src/listeners/network/gateway-link.ts';
import { HoldfastError } from '../../src/model/errors.ts';
import type { GatewaySettings } from '../../src/model/gateway-protocol.ts';
import type { HostDoor } from '../../src/model/host-port.ts';
import type { Login, LoginPlace, LoginPort, Proof } from '../../src/model/login-port.ts';
import type { Principal } from '../../src/model/principal.ts';
import { listenOn } from '../../src/platform/net/listen.ts';
import { type Clock, systemClock } from '../../src/platform/time/clock.ts';
import { atEnd } from './at-end.ts';
import { type CertificateFiles, certificateIn, contentsOf } from './certificates.ts';
import { temporaryDirectory } from './machine.ts';

const WEB = join(import.meta.dirname, '../../build/web');
/** Far from the end of any test. */
const FOR_MS = 3_600_000;

/** Tokens of the test, by the token itself. */
export class TestLogins implements LoginPort {
  readonly tokens = new Map<string, Pick<Principal, 'user' | 'bound'>>();
  readonly asked: Proof[] = [];
  /** Users whose accounts are not good any more. */
  readonly gone = new Set<string>();

  async login(proof: Proof, place: LoginPlace): Promise<Login> {
    this.asked.push(proof);
    if (proof.method === 'proxy') {
      return login(proof, 'vouched', place);
    }
    const found =
      'remains' in proof
        ? !this.gone.has(proof.user) && { user: proof.user }
        : proof.method === 'token' || proof.method === 'login-link'
          ? this.tokens.get(proof.token)
          : proof.method === 'certificate'
            ? { user: proof.subject }
            : proof.method === 'oidc'
              ? 'user' in proof && { user: proof.user, groups: [...proof.groups] }
              : proof.password === 'right' && { user: proof.user };
    if (!found) {
      throw new HoldfastError('HF_LOGIN_REFUSED', 'there is no such token, or it was revoked');
    }
    return login(
      found,
      proof.method === 'oidc' ? 'vouched' : proof.method === 'login-link' ? 'token' : proof.method,
      place,
    );
  }
}

function login(
  { bound, groups, user }: Pick<Principal, 'user' | 'bound' | 'groups'>,
  assurance: Principal['assurance'],
  { address, port }: LoginPlace,
): Login {
  return {
    principal: {
      ...{ user, channel: 'network', from: address, assurance },
      ...(port === undefined ? {} : { port }),
      ...(bound && { bound }),
      ...(groups && { groups }),
    },
    expires: new Date(Date.now() + FOR_MS).toISOString(),
  };
}

export interface NetworkDoor {
  readonly port: number;
  readonly gateway: Gateway;
  readonly logins: TestLogins;
  readonly link: GatewayLink;
  readonly folder: string;
  readonly settings: GatewaySettings & CertificateFiles;
  /** Defects of the control API. */
  readonly faults: unknown[];
  /** The gateway's report on its addresses. */
  readonly listens: string[][];
  /** Addresses of which it said that they have too many connections. */
  readonly full: string[];
  /** The whole answer to these bytes; `end`: nothing follows them. */
  exchange(text: string | Uint8Array, end?: boolean): Promise<string>;
  connect(from?: string): TLSSocket;
  get(path: string, token?: string): Promise<{ status: number; body: string }>;
}

export async function networkDoor(
  t: TestContext,
  door: HostDoor,
  more: Partial<GatewaySettings> = {},
  clock: Clock = systemClock,
  /** Behind the control API, in place of the test's. */
  real?: LoginPort,
  openProvider?: OpenProvider,
): Promise<NetworkDoor> {
  const folder = temporaryDirectory(t);
  const path = join(folder, 'gateway');
  const logins = new TestLogins();
  logins.tokens.set('good', { user: 'vera' });
  const faults: unknown[] = [];
  const listens: string[][] = [];
  const full: string[] = [];
  const { promise: open, resolve: opened } = Promise.withResolvers<void>();
  const link = new GatewayLink({
    clock,
    hung: () => undefined,
    full: (from) => full.push(from),
    sessions: new BrowserSessions({ clock, path: join(folder, 'sessions.json'), note: () => undefined }),
    listens: (at, failed) => {
      listens.push([...at, ...failed.map((each) => `${each.at}: ${each.reason}`)]);
      opened();
    },
  });
  const control = createControl({
    ...{ door, clock: systemClock, fault: (error) => faults.push(error) },
    gateway: {
      uid: process.getuid?.() ?? 0,
      logins: real ?? logins,
      upgrade: (...request) => link.upgrade(...request),
    },
  });
  await control.listen(listenOn({ kind: 'unix', path, mode: 0o600 }).fd);
  const files = certificateIn(folder);
  chmodSync(files.key, 0o600);
  const settings: GatewaySettings & CertificateFiles = {
    ...{ server: 'test', listen: [{ host: '127.0.0.1', port: 0 }], ...contentsOf(files), login: ['token', 'password'] },
    ...{ connections: 64, connectionsPerAddress: 64, paths: control.paths, ...more },
  };
  link.tell(settings);
  const gateway = new Gateway({
    ...{ clock, server: new Server(path), web: WebFiles.read(WEB) },
    loadProvider: async () => openProvider ?? assert.fail('no single sign-on'),
  });
  const serving = gateway.serve();
  serving.catch(() => undefined);
  atEnd(t, async () => {
    await gateway.close();
    await control.close();
    await serving.catch(() => undefined);
  });
  await Promise.race([open, serving]);
  const port = Number(listens[0]?.[0]?.split(':')[1]);
  const connect = (from?: string): TLSSocket => {
    const socket = connectTls({
      ...{ port, host: '127.0.0.1', servername: 'localhost', ca: settings.certificate },
      ...(from === undefined ? {} : { localAddress: from }),
    } satisfies ConnectionOptions & { localAddress?: string } as ConnectionOptions);
    socket.on('error', () => undefined);
    return socket;
  };
  const exchange = async (text: string | Uint8Array, end = false): Promise<string> => {
    const socket = connect();
    await once(socket, 'secureConnect');
    let answer = '';
    socket.on('data', (data) => {
      answer += data.toString('latin1');
    });
    const closed = once(socket, 'close');
    socket[end ? 'end' : 'write'](text);
    await closed;
    return answer;
  };
  return {
    ...{ port, gateway, logins, link, folder, settings, faults, listens, full, connect, exchange },
    async get(target, token = 'good') {
      const answer = await exchange(
        `GET ${target} HTTP/1.1\r\nHost: localhost:${port}\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`,
      );
      const [head = '', body = ''] = answer.split('\r\n\r\n', 2);
      return { status: Number(head.split(' ')[1]), body };
    },
  };
}
