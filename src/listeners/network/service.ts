/**
 * The door to the network: a socket for the gateway, what the gateway is told, and where no unit does so the process itself. What strangers
 * send is read by the gateway alone (docs/decisions/0108-a-gateway.md).
 */

import { createHash, X509Certificate } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { VersionInfo } from '../../model/api.ts';
import type { HostConfig, PlanStep } from '../../model/config.ts';
import { type ApiPath, GATEWAY_SOCKET, type GatewayProxy, type GatewaySettings } from '../../model/gateway-protocol.ts';
import type { HostService } from '../../model/host-service.ts';
import { isSame } from '../../model/is-same.ts';
import { keyOf } from '../../model/keys/record.ts';
import type { Proof } from '../../model/login-port.ts';
import type { NetworkConfig, ProxyConfig } from '../../model/network-config.ts';
import { sectionPlan } from '../../model/section-plan.ts';
import { aside } from '../../platform/aside.ts';
import { type Listening, listenOn } from '../../platform/net/listen.ts';
import { identityOf } from '../../platform/process/run-as.ts';
import type { Clock, Timer } from '../../platform/time/clock.ts';
import { every } from '../../platform/time/every.ts';
import { BrowserSessions } from './browser-sessions.ts';
import { readCertificates, readProvider } from './certificates.ts';
import { GatewayLink } from './gateway-link.ts';
import { GatewayProcess, type GatewayUser } from './gateway-process.ts';
import { hasPamService } from './pam-service.ts';

/** The control API at the socket of the gateway. */
export interface GatewayDoor {
  readonly paths: readonly ApiPath[];
  close(): Promise<void>;
}

export interface NetworkServiceParts {
  readonly clock: Clock;
  /** Below it is the socket of the gateway. */
  readonly runtimeDir: string;
  /** Below it are logins of browsers. */
  readonly stateDir: string;
  /** Serves the control API on this listening socket, to the gateway. */
  readonly serve: (
    fd: number,
    gateway: { readonly uid: number } & Pick<GatewayLink, 'upgrade'>,
  ) => Promise<GatewayDoor>;
  readonly note: (text: string) => void;
  /** A unit of the service manager runs the gateway. */
  readonly isUnit: boolean;
}

/** In plans and in the history; no console can have this name. */
const NAME = '[network]';
/** How often the files of certificates are looked at, and what failed is tried again. */
const LOOK_MS = 30_000;
/** As `password` logs in. */
export const PAM_SERVICE = 'holdfast';

interface Running {
  readonly user: string;
  readonly uid: number;
  readonly listening: Listening;
  readonly link: GatewayLink;
  readonly door: GatewayDoor;
  readonly process: GatewayProcess | undefined;
}

export class NetworkService implements HostService {
  readonly name = 'network';
  readonly #parts: NetworkServiceParts;
  readonly #sessions: BrowserSessions;
  /** As configured, whether it works or not. */
  #wanted: NetworkConfig | undefined;
  #running: Running | undefined;
  #told: GatewaySettings | undefined;
  #look: Timer | undefined;
  #listens: Pick<NonNullable<VersionInfo['network']>, 'listens' | 'failed'> = { listens: [], failed: [] };
  #trouble = '';
  /** PAM would ask by what it has for services that it does not know, which mostly refuses. */
  #lacksPam = false;
  /** It was applied before. */
  #isUp = false;
  /** One at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: NetworkServiceParts) {
    this.#parts = parts;
    const { clock, note, stateDir } = parts;
    this.#sessions = new BrowserSessions({ clock, note, path: join(stateDir, 'browser-sessions.json') });
  }

  /** Undefined: there is no `[network]`. */
  get status(): VersionInfo['network'] {
    if (this.#wanted === undefined) {
      return undefined;
    }
    const gateway = this.#running?.link.isLinked ?? false;
    return {
      gateway,
      ...(gateway ? this.#listens : { listens: [], failed: [] }),
      ...(this.#told?.certificate === undefined
        ? {}
        : { until: new X509Certificate(this.#told.certificate).validToDate.toISOString() }),
      ...(this.#trouble === '' ? {} : { trouble: this.#trouble }),
      ...(this.#lacksPam ? { lacksPam: true } : {}),
    };
  }

  /** The user of the gateway, where it has one of its own. */
  get gatewayUid(): number | undefined {
    const uid = this.#running?.uid;
    return uid === process.geteuid?.() ? undefined : uid;
  }

  /** Whether this is a way to log in. */
  allows(method: Proof['method']): boolean {
    const { clientCa, login = [], oidc, proxy } = this.#wanted ?? {};
    switch (method) {
      case 'certificate':
        return clientCa !== undefined;
      case 'login-link':
        return login.includes('token');
      case 'oidc':
        return oidc !== undefined;
      case 'proxy':
        return proxy?.userHeader !== undefined;
      default:
        return login.includes(method);
    }
  }

  /** The provider of the site. */
  get issuer(): string | undefined {
    return this.#wanted?.oidc?.issuer;
  }

  /** How long a login without a token holds. */
  get sessionMs(): number {
    return this.#wanted?.sessionMs ?? 0;
  }

  plan({ network }: Pick<HostConfig, 'network'>): PlanStep[] {
    return sectionPlan(NAME, this.#wanted, network, (before, after) =>
      (Object.keys({ ...before, ...after }) as (keyof NetworkConfig)[])
        .filter((key) => !isSame(before[key], after[key]))
        .map(keyOf),
    );
  }

  /** Failures are reported and retried. Rejects only on a reload: at the start no console waits for a certificate. */
  async apply(next: Pick<HostConfig, 'network'>): Promise<PlanStep[]> {
    const steps = this.plan(next);
    this.#wanted = next.network;
    await this.#refresh();
    if (this.#isUp && this.#trouble !== '') {
      throw new Error(this.#trouble);
    }
    this.#isUp = true;
    return steps;
  }

  async close(): Promise<void> {
    this.#wanted = undefined;
    await this.#refresh();
  }

  #refresh(): Promise<void> {
    const done = this.#turn.then(() => this.#do());
    this.#turn = done;
    return done;
  }

  async #do(): Promise<void> {
    const wanted = this.#wanted;
    if (wanted === undefined || (this.#running && this.#running.user !== wanted.user)) {
      await this.#stop();
    }
    if (wanted === undefined) {
      this.#trouble = '';
      return;
    }
    this.#look ??= every(this.#parts.clock, LOOK_MS, () => void this.#refresh(), { ref: false });
    this.#lacksPam = wanted.login.includes('password') && !(await hasPamService(PAM_SERVICE));
    try {
      const { connections, connectionsPerAddress, listen, login, oidc, proxy, url, user } = wanted;
      const files = await readCertificates(wanted);
      const vouching = {
        ...(proxy && { proxy: await proxyOf(proxy) }),
        ...(oidc && { oidc: await readProvider(oidc) }),
      };
      this.#running ??= await this.#start(user);
      const settings: GatewaySettings = {
        ...{
          server: serverWord(this.#parts.stateDir),
          listen,
          login,
          connections,
          connectionsPerAddress,
          paths: this.#running.door.paths,
        },
        ...(url === undefined ? {} : { url }),
        ...files,
        ...vouching,
      };
      if (!isSame(settings, this.#told)) {
        this.#told = settings;
        this.#running.link.tell(settings);
      }
      this.#trouble = '';
    } catch (error) {
      this.#tellOnce((error as Error).message);
    }
  }

  async #start(user: string): Promise<Running> {
    const { clock, isUnit, note, runtimeDir, serve } = this.#parts;
    const ids = await idsOf(user);
    const [uid, gid] = [ids.uid ?? process.geteuid?.() ?? 0, ids.gid ?? process.getegid?.() ?? 0];
    const path = join(runtimeDir, GATEWAY_SOCKET);
    const listening = listenOn({ kind: 'unix', path, mode: 0o600 }, { uid, gid });
    await this.#sessions.load();
    const link = new GatewayLink({
      clock,
      sessions: this.#sessions,
      listens: (at, failed) => {
        this.#listens = { listens: [...at], failed: [...failed] };
        note(at.length === 0 ? 'the gateway listens nowhere' : `the gateway listens at ${at.join(', ')}`);
        for (const each of failed) {
          note(`the gateway cannot listen at ${each.at}: ${each.reason}`);
        }
      },
      full: (from) =>
        note(`connections from ${from} are refused: it has as many as \`connections_per_address\` of [network] allows`),
      hung: (pid) => note(`the gateway (pid ${pid}) did not answer and was ended`),
    });
    const door = await serve(listening.fd, { uid, upgrade: (...request) => link.upgrade(...request) });
    const gateway = isUnit
      ? undefined
      : new GatewayProcess(
          { clock, ended: (how) => note(`the gateway ended (${how}); it is started again`) },
          path,
          ids,
        );
    return { user, uid, listening, link, door, process: gateway };
  }

  async #stop(): Promise<void> {
    this.#look?.cancel();
    this.#look = undefined;
    const running = this.#running;
    this.#running = undefined;
    this.#told = undefined;
    running?.listening.unlink();
    await running?.process?.close();
    running?.link.close();
    await running?.door.close();
  }

  #tellOnce(trouble: string): void {
    if (trouble !== this.#trouble) {
      this.#trouble = trouble;
      this.#parts.note(`${trouble}${this.#told ? '; what was there before stays' : ''}`);
    }
  }
}

/** Stable over restarts: its logins are stored in that folder. */
function serverWord(stateDir: string): string {
  return createHash('sha256').update(`${hostname()}\n${stateDir}`).digest('hex').slice(0, 8);
}

async function proxyOf({ users, ...rest }: ProxyConfig): Promise<GatewayProxy> {
  const uids = await Promise.all(
    users.map(async (user) => {
      const account = await aside.userByName(user);
      if (account === undefined) {
        throw new Error(`there is no user '${user}', from whom [network.proxy] takes headers`);
      }
      return account.uid;
    }),
  );
  return { ...rest, uids };
}

/** No ids: as this process. */
async function idsOf(user: string): Promise<GatewayUser> {
  if (process.geteuid?.() !== 0) {
    return {};
  }
  const { uid, gid } = await identityOf({ user });
  if (uid === undefined || gid === undefined) {
    const fix = `useradd --system --no-create-home --shell /usr/sbin/nologin ${user}`;
    throw new Error(`there is no user '${user}' for the gateway: ${fix}`);
  }
  if (uid === 0) {
    throw new Error('the gateway does not run as root: `user` of [network] names one without rights');
  }
  return { uid, gid };
}
