/** The text of a refusal: the act, the missing right, who has it and whom to ask. Pure. */
import { type Asker, isAbout, type Verdict } from '../access/decide.ts';
import type { AccessRule } from '../model/access-config.ts';
import { hoursText, placeText, plainName, whoText } from '../model/access-text.ts';
import { type Principal, UNKNOWN } from '../model/principal.ts';
import { deedText, leastOf, type Right, type Verb } from '../model/rights.ts';

/** Ways in by which nobody can say why. */
const SPEECHLESS: ReadonlySet<Principal['channel']> = new Set(['procserv', 'conserver', 'ca']);
/** Rules that are named. */
const SHOWN = 3;

export interface Deed {
  readonly asker: Asker;
  readonly verb: Verb;
  readonly right: Right;
  readonly console: string | undefined;
}

/** `vera may not restart rf-01: this way in leaves only read, on vac-*`. */
export function boundText({ asker, verb, console }: Deed): string {
  const { bound, boundOn } = asker.principal;
  const left = bound === undefined ? 'what is' : bound.join(', ') || 'nothing';
  const on = boundOn === undefined ? '' : `${bound === undefined ? ' ' : ', '}on ${boundOn.join(', ')}`;
  return `${userText(asker)} may not ${deedText(verb, console)}: this way in leaves only ${left}${on}`;
}

/** `vera may not restart rf-01: it takes the right `restart`, which is given to rf operators (holdfast.toml:12); ask the desk`. */
export function refusalText(
  { asker, verb, right, console }: Deed,
  { limit, others }: Extract<Verdict, { readonly allowed: false }>,
  contact: string | undefined,
): string {
  const holders = limit ? [limitText(limit)] : holdersText(others, asker);
  return `${userText(asker)} may not ${deedText(verb, console)}: it takes the right \`${right}\`, ${holders.join(', ')}${contact === undefined ? '' : `; ask ${contact}`}`;
}

/** `a reason is required to restart vac-01 (holdfast.toml:12); holdfast takes it by --reason TEXT`. */
export function reasonText({ asker, verb, console }: Omit<Deed, 'right'>, rule: AccessRule): string {
  const what = `a reason is required to ${deedText(verb, console)} (${placeText(rule)})`;
  // The page asks for it.
  return asker.principal.channel === 'web' ? what : `${what}; ${remedy(asker, console)}`;
}

/** A way in without words for a reason names the one that has them. */
function remedy({ principal: { channel } }: Asker, console: string | undefined): string {
  return console === undefined || !SPEECHLESS.has(channel)
    ? 'holdfast takes it by --reason TEXT'
    : `none can be given here: use 'holdfast attach ${console}'`;
}

function userText({ principal: { user } }: Asker): string {
  if (user === UNKNOWN) {
    return 'a user without a name';
  }
  return plainName(user);
}

/** Those that a rule is about. */
function people({ label, who }: AccessRule): string {
  return label ?? who.map((each) => (each.kind === 'user' ? plainName(each.name) : whoText(each))).join(', ');
}

function limitText(limit: AccessRule): string {
  const left = leastOf(limit.may);
  return `and ${placeText(limit)} leaves ${left.length === 0 ? 'nothing' : `only ${left.join(', ')}`}`;
}

function holdersText(others: readonly AccessRule[], asker: Asker): string[] {
  if (others.length === 0) {
    return ['which no rule gives'];
  }
  const own = others.find((rule) => rule.hours !== undefined && isAbout(rule, asker));
  if (own?.hours) {
    return [`which ${userText(asker)} has ${hoursText(own.hours)} (${placeText(own)})`];
  }
  const holders = others.slice(0, SHOWN).map((rule) => `${people(rule)} (${placeText(rule)})`);
  const more = others.length > SHOWN ? ` and ${others.length - SHOWN} more rules` : '';
  return [`which is given to ${listText(holders)}${more}`];
}

function listText(texts: readonly string[]): string {
  return texts.join(texts.length === 2 ? ' and ' : ', ');
}
