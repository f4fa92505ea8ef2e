import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from '../command/arguments.ts';
import type { Command } from '../command/command.ts';
import { EXIT, UsageError } from '../command/exit-codes.ts';
import { clean } from '../text/display.ts';

/** Browsers take no certificate that is valid for longer. */
const DAYS = 397;
const MOST_DAYS = 7300;
const NAME = /^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?$/;
const ADDRESS = /^[0-9a-fA-F.:]*:[0-9a-fA-F.:]*$/;

export const certificate: Command = {
  name: 'certificate',
  usage: 'init [--host NAME,...] [--days N] [--out DIR]',
  summary: 'make a certificate of this host for [network]',
  help: `'init' makes an authority (ca.pem, ca.key) and a certificate of this host that it has signed (host.pem, host.key), and prints the
fingerprint that people compare at their first 'holdfast login'. Again it renews the certificate: authority and key stay, so that whoever
knows the host notices nothing. It needs openssl(1).`,
  options: [
    { name: 'host', value: 'NAME,...', help: 'names and addresses of this host [its own name, localhost]' },
    { name: 'days', value: 'N', help: `how long it is valid [${DAYS}]` },
    { name: 'out', short: 'o', value: 'DIR', help: 'the folder [tls beside the configuration]' },
  ],
  completes: [['init'], 'nothing'],
  local: true,
  operands: [1, 1],
  async run({ io, values, words }) {
    if (words[0] !== 'init') {
      throw new UsageError(`certificate: '${words[0]}' is not known; there is 'init'`);
    }
    const names = namesOf(text(values, 'host'));
    const days = Number(text(values, 'days') ?? DAYS);
    if (!Number.isInteger(days) || days < 1 || days > MOST_DAYS) {
      throw new UsageError(`--days: a number from 1 to ${MOST_DAYS}`);
    }
    const folder = resolve(text(values, 'out') ?? defaultFolder(io.env));
    const [{ makeCertificate }, { keyFingerprint }] = await Promise.all([
      import('../parts/make-certificate.ts'),
      import('../../../platform/net/key-fingerprint.ts'),
    ]);
    let made: ReturnType<typeof makeCertificate>;
    try {
      made = makeCertificate({ folder, names, days });
    } catch (error) {
      io.err(`holdfast: certificate: ${clean((error as Error).message)}\n`);
      return EXIT.failed;
    }
    for (const path of made.made) {
      io.out(`wrote ${clean(path)}\n`);
    }
    io.out(`
For ${names.join(', ')}, until ${made.host.validTo}. In the configuration:

    [network]
    certificate = ${JSON.stringify(made.certificate)}
    key = ${JSON.stringify(made.key)}

People compare this at their first 'holdfast login', or take ${clean(made.authority)} with --ca:

    ${keyFingerprint(made.host)}
`);
    return EXIT.ok;
  },
};

function namesOf(given: string | undefined): readonly string[] {
  const names = given === undefined ? [hostname(), 'localhost'] : given.split(',');
  const wrong = names.find((name) => !NAME.test(name) && !ADDRESS.test(name));
  if (wrong !== undefined) {
    throw new UsageError(`--host: '${wrong}' is not the name of a host`);
  }
  return [...new Set(names)];
}

function defaultFolder(env: Readonly<Record<string, string | undefined>>): string {
  if (process.geteuid?.() === 0) {
    return '/etc/holdfast/tls';
  }
  const { HOME = '/', XDG_CONFIG_HOME = join(HOME, '.config') } = env;
  return join(XDG_CONFIG_HOME, 'holdfast/tls');
}
