import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { HostPlace, Shown } from '../../../client/host-place.ts';
import type { KnownHost } from '../../../grammar/holdfast/hosts.ts';
import { HoldfastError } from '../../../model/errors.ts';
import { ownName } from '../../../platform/process/own-account.ts';
import { text } from '../command/arguments.ts';
import { type Command, type Context, type Hosts, type Io, JSON_OPTION } from '../command/command.ts';
import { EXIT, UsageError } from '../command/exit-codes.ts';
import { rightsOf, secondsOf } from '../parts/token-options.ts';
import { clean } from '../text/display.ts';
import { layOut } from '../text/table.ts';
import { duration, local } from '../text/times.ts';

const PORT = 7633;
const MAX_PORT = 65_535;
const VALID_SECONDS = 12 * 3600;
const COLUMNS = [{ title: 'HOST', least: 8 }, { title: 'ADDRESS' }, { title: 'USER' }, { title: 'VALID' }];

/** `HOST`, `HOST:PORT`, `[ADDRESS]:PORT`. */
export function placeOf(word: string): HostPlace {
  const [, bracketed, plain, port] = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s/:[\]]+))(?::(\d{1,5}))?$/.exec(word) ?? [];
  const host = bracketed ?? plain;
  const number = port === undefined ? PORT : Number(port);
  if (host === undefined || number < 1 || number > MAX_PORT) {
    throw new UsageError(`login: '${word}' is not HOST or HOST:PORT`);
  }
  return { name: number === PORT ? host : word, host, port: number };
}

/** How the host is known from now on. */
async function trusted({ hosts, io, values }: Wanted, place: HostPlace): Promise<HostPlace> {
  const ca = text(values, 'ca');
  const wanted = text(values, 'fingerprint');
  if (ca !== undefined) {
    return { ...place, ca: resolve(ca) };
  }
  const known = hosts.find(place.name);
  if (known?.ca !== undefined && wanted === undefined) {
    return { ...place, ca: known.ca };
  }
  if (known?.key !== undefined && wanted === undefined) {
    // Compared with the first request, loudly.
    return { ...place, key: known.key };
  }
  const shown = await hosts.lookAt(place);
  if (wanted !== undefined) {
    if (bare(wanted) !== bare(shown.fingerprint)) {
      throw new HoldfastError('HF_NOT_TRUSTED', `the key of ${place.name} is ${shown.fingerprint}, not ${wanted}`);
    }
  } else {
    await mustBeRight(io, place, shown);
  }
  return { ...place, key: shown.fingerprint };
}

type Wanted = Pick<Context, 'io' | 'values'> & { readonly hosts: Hosts };

async function mustBeRight(io: Io, { name, host, port }: HostPlace, shown: Shown): Promise<void> {
  const compare = `${name} (${host}:${port}) shows a key that is not known here:
  ${shown.fingerprint}
  certificate: ${clean(shown.subject)}, valid until ${clean(shown.validTo)}
Compare it with what whoever runs ${name} has, or with what 'holdfast certificate init' printed there.
`;
  if (!io.interactive) {
    throw new UsageError(`login: ${compare}Then say --fingerprint FINGERPRINT, or --ca FILE for an authority`);
  }
  io.err(compare);
  if (!(await io.confirm(`is it the same, and is ${name} to be trusted from now on?`))) {
    throw new UsageError('login: not trusted, and nothing was sent');
  }
}

function bare(fingerprint: string): string {
  return fingerprint.replace(/^sha256:/i, '').replace(/=+$/, '');
}

/** The token of another time, which was made elsewhere. */
async function withToken({ io, hosts }: Wanted, place: HostPlace): Promise<KnownHost> {
  const token = (await io.secret('token: '))?.trim() ?? '';
  if (!/^hft_[\w-]+$/.test(token)) {
    throw new UsageError('login: that is not a token: it begins with hft_');
  }
  await hosts.connect(place, `Bearer ${token}`).version();
  return { ...place, token };
}

async function withPassword({ io, values, hosts }: Wanted, place: HostPlace): Promise<KnownHost> {
  const own = ownName() ?? '';
  const asked =
    text(values, 'user') ?? (io.interactive ? (await io.ask(`user at ${place.name} [${own}]:`)).trim() : own);
  const user = asked || own;
  const may = rightsOf(values);
  const seconds = secondsOf(values, VALID_SECONDS);
  const password = await io.secret(`password of ${user} at ${place.name}: `);
  if (!password) {
    throw new UsageError('login: there is no password');
  }
  const basic = Buffer.from(`${user}:${password}`).toString('base64');
  const made = await hosts.connect(place, `Basic ${basic}`).tokens.create({
    ...(may === undefined ? {} : { may }),
    ...{ seconds, label: `login from ${hostname()}` },
  });
  return { ...place, user: made.user, token: made.token, id: made.id, until: made.until };
}

function listed({ io, values }: Wanted, hosts: readonly KnownHost[]): void {
  if (values.quiet) {
    io.out(hosts.map(({ name }) => `${clean(name)}\n`).join(''));
    return;
  }
  if (values.json) {
    io.out(
      `${JSON.stringify(
        hosts.map(({ token: _, ...rest }) => rest),
        null,
        2,
      )}\n`,
    );
    return;
  }
  if (hosts.length === 0) {
    io.err("this user is logged in nowhere: 'holdfast login HOST'\n");
    return;
  }
  const rows = hosts.map(({ name, host, port, user = '-', until }) => {
    const left = until === undefined ? undefined : Date.parse(until) - io.now();
    const valid = left === undefined ? '-' : left > 0 ? duration(left) : 'expired';
    return [{ text: clean(name) }, { text: clean(`${host}:${port}`) }, { text: clean(user) }, { text: valid }];
  });
  io.out(
    layOut(COLUMNS, rows, io.columns, io.color)
      .map((line) => `${line}\n`)
      .join(''),
  );
}

export const login: Command = {
  name: 'login',
  usage: '[HOST[:PORT]]',
  summary: 'log in at a host at the other end of the network; without HOST: where this user is',
  help: `Then 'holdfast --host HOST ps', 'holdfast attach HOST/NAME' and all other commands work there as they do here; with
HOLDFAST_HOST=HOST without saying so each time. The port is ${PORT} unless you say another.

At the first time the fingerprint of the host's key is shown, to be compared with what 'holdfast certificate init'
printed there; --fingerprint compares it for scripts, --ca trusts an authority (a PEM file) instead. A key that has changed is refused.
With the password a token is made, valid for 12 hours, and kept in hosts.toml in $XDG_CONFIG_HOME/holdfast or
~/.config/holdfast (mode 0600). The password is kept nowhere. Where standard input is not a terminal, its first line is
the password, or with --token the token.`,
  options: [
    { name: 'user', short: 'u', value: 'USER', help: 'the user there [the one here]' },
    { name: 'token', help: 'with a token that was made before, in place of a password' },
    { name: 'for', value: 'DURATION', help: 'how long it holds [12h]' },
    { name: 'may', value: 'RIGHTS', help: 'the most rights that it gives, with commas [all]' },
    { name: 'fingerprint', value: 'SHA256:...', help: 'the key that the host must have' },
    { name: 'ca', value: 'FILE', help: 'the authority whose certificate the host must have' },
    { name: 'quiet', short: 'q', help: 'without HOST: print names only' },
    JSON_OPTION,
  ],
  completes: 'host',
  operands: [0, 1],
  here: true,
  local: true,
  async run(context) {
    const hosts = await context.hosts();
    const wanted = { ...context, hosts };
    const [word] = context.words;
    if (word === undefined) {
      listed(wanted, hosts.list());
      return EXIT.ok;
    }
    const place = await trusted(wanted, placeOf(word));
    const host = await (context.values.token ? withToken : withPassword)(wanted, place);
    await hosts.keep(host);
    const { name, until, user } = host;
    const as = user === undefined ? '' : ` as ${clean(user)}`;
    context.io.err(`logged in at ${clean(name)}${as}${until === undefined ? '' : `, until ${local(until)}`}\n`);
    return EXIT.ok;
  },
};
