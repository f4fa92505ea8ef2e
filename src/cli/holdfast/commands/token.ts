import type { NewToken, TokenInfo } from '../../../model/api.ts';
import { text } from '../command/arguments.ts';
import { type Command, type Context, type Io, JSON_OPTION } from '../command/command.ts';
import { EXIT, UsageError } from '../command/exit-codes.ts';
import { consolesOf, rightsOf, secondsOf } from '../parts/token-options.ts';
import { clean } from '../text/display.ts';
import { layOut } from '../text/table.ts';
import { duration, local } from '../text/times.ts';

const VERBS = { create, list, revoke } as const;

const COLUMNS = [
  { title: 'ID' },
  { title: 'USER', least: 8 },
  { title: 'MAY', least: 8 },
  { title: 'ON', least: 6 },
  { title: 'VALID' },
  { title: 'USED' },
  { title: 'BY', least: 6 },
  { title: 'LABEL', least: 6 },
];

/** The lines of `holdfast token list`. */
export function tokenLines(tokens: readonly TokenInfo[], io: Pick<Io, 'columns' | 'color' | 'now'>): readonly string[] {
  const rows = tokens.map(({ id, user, may, on, until, lastUsed, createdBy, label }) => {
    const left = Date.parse(until) - io.now();
    return [
      { text: clean(id) },
      { text: clean(user) },
      { text: may === undefined ? 'all' : may.join(',') },
      { text: on === undefined ? 'all' : clean(on.join(',')) },
      left > 0 ? { text: duration(left) } : { text: 'expired', style: 'yellow' as const },
      { text: clean(lastUsed ?? 'never') },
      { text: clean(createdBy) },
      { text: clean(label ?? '') },
    ];
  });
  return layOut(COLUMNS, rows, io.columns, io.color);
}

async function create({ client, io, values }: Context): Promise<void> {
  const once = values.once === true;
  const [user, label, may, on] = [text(values, 'user'), text(values, 'label'), rightsOf(values), consolesOf(values)];
  const made = await client.tokens.create({
    ...(user === undefined ? {} : { user }),
    ...(may === undefined ? {} : { may }),
    ...(on === undefined ? {} : { on }),
    ...(label === undefined ? {} : { label }),
    ...(once ? { once } : {}),
    seconds: secondsOf(values),
  });
  io.out(values.json ? `${JSON.stringify(made, null, 2)}\n` : `${made.token}\n`);
  io.err(madeText(made));
}

function madeText({ id, user, may, on, once, until }: NewToken): string {
  const rights = may === undefined ? `all that ${clean(user)} may do` : `at most ${may.join(', ')}`;
  const where = on === undefined ? '' : ` on ${clean(on.join(', '))}`;
  const link = once ? 'it logs a browser in, once, at https://HOST/login/once#TOKEN: ' : '';
  return `token ${clean(id)} of ${clean(user)}: ${link}${rights}${where}, until ${local(until)}; it is shown this once\n`;
}

async function list({ client, io, values }: Context): Promise<void> {
  const wanted = text(values, 'user');
  const tokens = (await client.tokens.list()).filter(({ user }) => wanted === undefined || user === wanted);
  if (values.json) {
    io.out(`${JSON.stringify(tokens, null, 2)}\n`);
  } else if (tokens.length === 0) {
    io.err('no tokens\n');
  } else {
    io.out(
      tokenLines(tokens, io)
        .map((line) => `${line}\n`)
        .join(''),
    );
  }
}

async function revoke({ client, io }: Context, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const { user } = await client.tokens.revoke(id);
    io.err(`token ${clean(id)} of ${clean(user)} is revoked\n`);
  }
}

export const token: Command = {
  name: 'token',
  usage: 'create|list|revoke [ID ...]',
  summary: 'tokens to log in with over the network, for programs and for people',
  help: `holdfast token create --for 30d [--user U] [--may read,restart] [--on 'vac-*,@rf']
                      [--label TEXT] [--once]
holdfast token list [--user U]
holdfast token revoke ID ...

create prints the token on standard output, this once: the server keeps only its digest. A token gives at most the rights of
--may, on the consoles of --on and on nothing else, and never more than [access] gives its user when it is used. Your own tokens take no right, those of others take the
right 'admin'. A token makes no tokens: log in with a password for that, or work on the host itself.`,
  options: [
    { name: 'for', value: 'DURATION', help: 'create: how long it is valid, such as 12h or 30d' },
    { name: 'user', short: 'u', value: 'USER', help: 'whose it is [yours]; list: only those of this user' },
    { name: 'may', value: 'RIGHTS', help: 'create: the most rights that it gives, with commas [all of its user]' },
    {
      name: 'on',
      value: 'CONSOLES',
      help: 'create: the only consoles that it is for: names, patterns, @groups, with commas',
    },
    { name: 'label', value: 'TEXT', help: 'create: what it is for' },
    { name: 'once', help: 'create: it logs a browser in, once, at /login/once#TOKEN, and is good for nothing else' },
    JSON_OPTION,
  ],
  completes: [Object.keys(VERBS), 'token'],
  operands: [1, Number.POSITIVE_INFINITY],
  async run(context) {
    const [word = '', ...ids] = context.words;
    if (!Object.hasOwn(VERBS, word)) {
      throw new UsageError(`token: '${word}' is not one of ${Object.keys(VERBS).join(', ')}`);
    }
    if ((word === 'revoke') !== ids.length > 0) {
      throw new UsageError(
        word === 'revoke' ? 'token revoke: name the ids' : `token ${word}: '${ids[0]}' is one word too many`,
      );
    }
    await VERBS[word as keyof typeof VERBS](context, ids);
    return EXIT.ok;
  },
};
