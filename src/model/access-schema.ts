/** `[access]`: who may do what, as written. */
import type { Static } from 'typebox';
import * as Type from 'typebox';
import { closed } from './config-forms.ts';
import { CHANNELS } from './principal.ts';
import { RIGHT_NAMES } from './rights.ts';

const Optional = Type.Optional;

const Whom = Type.Array(
  Type.String({
    pattern: `^(everyone|channel:(${CHANNELS.join('|')})|from:[0-9a-fA-F.:]+(/\\d{1,3})?|@?[^\\s:@]+)$`,
    title: `a user (NAME), "@GROUP", "channel:NAME" (${CHANNELS.join(', ')}), "from:ADDRESS/BITS" or "everyone"`,
  }),
  {
    minItems: 1,
    description:
      'Its subjects: any of these. A name or a `@group`, of the system or of an identity provider, matches users whose identity is verified: by the kernel, a password, a certificate, a token, or a trusted host. `channel:network` matches everyone who connects over the network, including users of the page, who also match `channel:web`; any program can claim to be the page.',
    examples: [['@vac-operators', 'jdoe'], ['channel:procserv']],
  },
);

const On = Type.Array(Type.String({ minLength: 1, title: 'a name, a pattern ("vac-*"), or "@GROUP" of consoles' }), {
  minItems: 1,
  description:
    'Consoles: names, patterns (`*` any text, `?` one character), `@group` of consoles; `isis.NAME` is an ISIS server. Only `*` includes the server itself.',
  default: ['*'],
  examples: [['vac-*', '@vacuum']],
});

const Rights = (minItems: number, description: string) =>
  Type.Array(Type.Enum([...RIGHT_NAMES]), {
    minItems,
    description,
    examples: [['read', 'restart']],
  });

const HoursText = Type.String({
  pattern:
    '^(?=.)((sun|mon|tue|wed|thu|fri|sat)([-,](sun|mon|tue|wed|thu|fri|sat))*)?(^| |$)(([01]\\d|2[0-3]):[0-5]\\d-(([01]\\d|2[0-3]):[0-5]\\d|24:00))?$',
  title: 'days, times or both ("mon-fri 07:00-19:00")',
  description: 'When it applies, by the clock of this host; `22:00-06:00` ends on the next day. Without it: always.',
  examples: ['mon-fri 07:00-19:00', 'sat,sun'],
});

const Label = Type.String({
  minLength: 1,
  description: 'A readable name for its subjects, shown to users who lack the right.',
  examples: ['vacuum operators'],
});

const Rule = Type.Object(
  {
    who: Whom,
    on: Optional(On),
    may: Rights(1, 'The rights that it grants.'),
    reason: Optional(
      Type.Union([Type.Literal('asked'), Type.Literal('required')], {
        title: '"asked" or "required"',
        description:
          'Changes under this rule take a reason: `asked`: users at a terminal are asked for one; `required`: a change without one is refused.',
        examples: ['required'],
      }),
    ),
    hours: Optional(HoursText),
    label: Optional(Label),
  },
  closed,
);

const Limit = Type.Object(
  {
    who: Whom,
    on: Optional(On),
    may: Rights(0, 'The maximum rights of its subjects.'),
    hours: Optional(HoursText),
    label: Optional(Label),
  },
  closed,
);

export const AccessSchema = Type.Object(
  {
    contact: Optional(
      Type.String({
        minLength: 1,
        description: 'The contact to ask for a right, shown to users who lack one.',
        examples: ['controls on call, 4711'],
      }),
    ),
    rule: Optional(Type.Array(Rule, { title: 'tables [[access.rule]]', description: 'Rules add up, in any order.' })),
    limit: Optional(
      Type.Array(Limit, {
        title: 'tables [[access.limit]]',
        description: 'The subjects of a limit have at most the rights that it names, whatever rules grant.',
      }),
    ),
  },
  closed,
);

export type AccessTable = Static<typeof AccessSchema>;
export type RuleTable = Static<typeof Rule>;
export type LimitTable = Static<typeof Limit>;
