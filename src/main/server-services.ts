/** The services of the host server. Another one is one more line here. */
import { join } from 'node:path';
import { Accounts } from '../access/accounts.ts';
import { Logins, type LoginsParts } from '../access/logins.ts';
import { Pam, type PamLimits } from '../access/pam.ts';
import { Passwords } from '../access/passwords.ts';
import { systemPasswords } from '../access/system-password.ts';
import { TokenFile } from '../access/token-file.ts';
import { Tokens } from '../access/tokens.ts';
import type { ConfigOnDisk } from '../config/config-on-disk.ts';
import { UnreadFolders } from '../config/unread-folders.ts';
import type { AccessControl } from '../host/access-control.ts';
import type { AuditLog } from '../host/audit-log.ts';
import type { ConsoleHost } from '../host/console-host.ts';
import { Door } from '../host/door.ts';
import type { Events } from '../host/events.ts';
import { SharedOutput } from '../host/shared-output.ts';
import { IsisHostService } from '../isis/host-service.ts';
import { ConserverService } from '../listeners/conserver/service.ts';
import { ControlService } from '../listeners/control/service.ts';
import { hasPamService } from '../listeners/network/pam-service.ts';
import { NetworkService, PAM_SERVICE } from '../listeners/network/service.ts';
import { ProcServService } from '../listeners/procserv/service.ts';
import type { HostService } from '../model/host-service.ts';
import { self } from '../model/principal.ts';
import { VERSION } from '../model/version.ts';
import { aside } from '../platform/aside.ts';
import { native } from '../platform/native.ts';
import { complain, sayNow } from '../platform/process/complain.ts';
import type { DescriptorGuard } from '../platform/process/descriptors.ts';
import { systemClock as clock } from '../platform/time/clock.ts';
import { LineThrottle } from '../platform/time/line-throttle.ts';
import { JournalService } from '../systemd/journal.ts';
import { LogFile } from '../terminal/log-file.ts';
import { LogWriter } from '../terminal/log-writer.ts';
import { loadControl } from './late-control.ts';

/** Where output of consoles that nobody attends to is shown. */
const STDOUT = 1;
/** Of questions about people who are in: those who log in wait for none of them. Milliseconds. */
const ACCOUNT_LIMITS: PamLimits = { atOnce: 2, waiting: 64, patience: 10_000 };
/** The time that closing the unified log waits for the disk. */
const LOG_CLOSE_MS = 2000;

export interface ServiceParts {
  readonly host: ConsoleHost;
  readonly access: AccessControl;
  readonly audit: AuditLog;
  readonly files: ConfigOnDisk;
  readonly events: Events;
  readonly guard: DescriptorGuard;
  readonly runtimeDir: string;
  readonly stateDir: string;
  /** Descriptor of the control socket. */
  readonly fd: number;
}

export function servicesOf(parts: ServiceParts): {
  readonly services: HostService[];
  readonly network: NetworkService;
} {
  const { host, access, audit, files, events, guard, fd, runtimeDir, stateDir } = parts;
  const isis = new IsisHostService({
    version: VERSION,
    timers: clock,
    event: (event) => void events.add(event),
    load: async () => (await files.load()).config,
  });
  const pam = new Pam(PAM_SERVICE, clock, ACCOUNT_LIMITS);
  const accounts = new Accounts({
    ...{ clock, users: aside },
    pam: async (account) => ((await hasPamService(PAM_SERVICE)) ? pam.askAccount(account) : undefined),
  });
  const tokens = new Tokens({
    file: new TokenFile(join(stateDir, 'tokens.json'), clock),
    clock,
    event: (event) => void events.add(event),
    accounts,
  });
  const logins = loginsOf({ tokens, accounts }, events, {
    allows: (method) => network.allows(method),
    issuer: () => network.issuer,
    sessionMs: () => network.sessionMs,
  });
  const door = new Door({ host, isis, tokens, access, audit, recorded: audit });
  const control = {
    ...{ door, clock },
    mayKeep: (descriptor: number) => guard.fits(descriptor, 'control'),
    strays: guard.strays,
    fault: (error: unknown) => complain(`holdfast: control API: ${(error as Error).stack ?? error}\n`),
  };
  const network = new NetworkService({
    ...{ clock, runtimeDir, stateDir, isUnit: process.env.HOLDFAST_GATEWAY === 'unit' },
    note: (text) => void events.add({ type: 'network', text }),
    serve: async (socket, gateway) => {
      const { createControl } = await loadControl();
      const served = createControl({
        ...{ ...control, gateway: { ...gateway, logins } },
        refused: () => guard.refused('the socket of the gateway'),
      });
      await served.listen(socket);
      return served;
    },
  });
  const services = [
    access,
    audit,
    ...(process.env.JOURNAL_STREAM === undefined
      ? []
      : [new JournalService((handler) => events.listen(handler), native.sendDatagram, clock)]),
    new ProcServService(clock, (name, text) => void events.add({ console: name, type: 'config', text }), guard),
    new UnreadFolders({
      clock,
      take: (folders) => host.takeFound(folders, self('folders that can be read again')),
      tell: (text) => files.tellOnce(text),
    }),
    isis,
    sharedOutput(events),
    new ConserverService({
      ...{ door, clock, guard },
      turnedAway: (by, why) => audit.turnedAway(by, why),
      note: (text) => void events.add({ type: 'conserver', text }),
    }),
    new ControlService({
      ...{ ...control, fd, load: loadControl },
      refused: () => guard.refused('the control socket'),
      gatewayUid: () => network.gatewayUid,
    }),
    network,
  ];
  return { services, network };
}

/** By PAM, and by tokens. What PAM says of a refusal is for the log of the server. */
function loginsOf(
  known: Pick<LoginsParts, 'tokens' | 'accounts'>,
  events: Events,
  configured: Pick<LoginsParts, 'allows' | 'issuer' | 'sessionMs'>,
): Logins {
  const told = new LineThrottle(clock, (text) => complain(`holdfast: ${text}\n`));
  const say = (text: string) => told.say(text);
  const system = systemPasswords(PAM_SERVICE, clock, say, say);
  const passwords = new Passwords(
    clock,
    async () => undefined,
    async () => false,
    system,
  );
  return new Logins({
    ...{ ...configured, ...known, clock, event: (event) => void events.add(event) },
    password: (user, password, host) => passwords.accepts(user, password, host),
  });
}

/** The threads that write its file are started with the file. */
function sharedOutput(events: Events): SharedOutput {
  const report = (text: string) => void events.add({ type: 'log', text });
  return new SharedOutput({
    openLog: (path) => {
      const writer = new LogWriter(clock);
      const log = new LogFile({ path, exact: true, mode: 0o640, report, lost: report }, writer, clock);
      log.open();
      return {
        append: (line) => log.append(line, clock.now()),
        close: async () => {
          await log.close(LOG_CLOSE_MS);
          writer.close();
        },
      };
    },
    unloved: (line) => sayNow(STDOUT, line),
  });
}
