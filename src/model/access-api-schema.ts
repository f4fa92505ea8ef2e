/** The shapes of `GET /v1/access`. Types are made of them as of api-schema.ts. */
import * as Type from 'typebox';
import { RightSchema } from './api-schema.ts';

const closed = { additionalProperties: false };
const Rights = (description: string) =>
  Type.Array(RightSchema, { description: `${description} Without those that come with others.` });

export const AccessRuleSchema = Type.Object(
  {
    file: Type.String(),
    line: Type.Integer(),
    kind: Type.Enum(['rule', 'limit']),
    who: Type.Array(Type.String(), { description: '`vera`, `@vac-operators`, `channel:procserv`, `everyone`.' }),
    label: Type.Optional(Type.String({ description: 'A readable name for its subjects.' })),
    on: Type.Array(Type.String(), { description: 'Names, patterns and `@groups` of consoles.' }),
    may: Rights('The rights that a rule grants; the maximum that a limit leaves.'),
    reason: Type.Optional(
      Type.Enum(['asked', 'required'], { description: 'Whether an act by this rule takes a reason.' }),
    ),
    hours: Type.Optional(Type.String({ description: '`mon-fri 07:00-19:00`, by the clock of the host.' })),
  },
  { ...closed, description: 'A rule or a limit of `[access]`.' },
);

export const AccessGrantSchema = Type.Object(
  {
    rule: Type.Integer({ minimum: 0, description: 'The rule that gives it: its index in `rules`.' }),
    may: Rights('The rights left by all limits.'),
  },
  { ...closed, description: 'The grant of one rule.' },
);

export const AccessRightsSchema = Type.Object(
  {
    consoles: Type.Array(Type.String(), { description: 'ISIS servers as `isis.NAME`.' }),
    server: Type.Boolean({ description: 'It is about the server itself, and about no console.' }),
    grants: Type.Array(AccessGrantSchema),
    limits: Type.Array(Type.Integer({ minimum: 0 }), { description: 'Limits that apply: indices in `rules`.' }),
  },
  { ...closed, description: 'The rights of the user on each of these consoles, now.' },
);

export const AccessRefusalSchema = Type.Object(
  {
    verb: Type.String({ description: '`restart`, `force`: as in the audit.' }),
    detail: Type.String({ description: 'Which right it takes, who has it, and whom to ask.' }),
  },
  { ...closed, description: 'An action that the user may not do, with the text of the refusal.' },
);

export const AccessInfoSchema = Type.Object(
  {
    user: Type.String({ description: 'The user who has these rights.' }),
    account: Type.Optional(
      Type.Boolean({ description: 'Of a user that was asked for: whether this system has one of this name.' }),
    ),
    governed: Type.Boolean({
      description: 'There is an `[access]`. Without it everybody who comes in may do everything.',
    }),
    unlimited: Type.Boolean({
      description:
        'No rule applies to this user, who may do everything within `bound`: root, or there is no `[access]`.',
    }),
    boundOn: Type.Optional(
      Type.Array(Type.String(), {
        description: 'The only consoles that the way in leaves: names, patterns, `@group`.',
      }),
    ),
    bound: Type.Optional(Rights('The most that the way in leaves, whatever rules say.')),
    contact: Type.Optional(Type.String({ description: 'Whom to ask for a right.' })),
    rights: Type.Array(AccessRightsSchema, {
      description: 'Equal ones in one; consoles of which nothing is allowed are left out. Empty for an unlimited user.',
    }),
    rules: Type.Array(AccessRuleSchema, {
      description: 'Those that `rights` names; with `everybody` all that are about the console.',
    }),
    refused: Type.Optional(
      Type.Array(AccessRefusalSchema, { description: 'With `console`: what the user may not do to it.' }),
    ),
    everybody: Type.Boolean({
      description:
        'A console was asked for, and `rules` are those about everybody: that takes the right `configure` or `admin`.',
    }),
  },
  { ...closed, description: 'Rights and their rules, as `holdfast access` prints them.' },
);

export const OpeningSchema = Type.Object(
  {
    kind: Type.Enum(['endpoint', 'trusted', 'proxy', 'rule', 'nobody'], {
      description:
        '`endpoint`: of a console, beyond this host and without a login. `trusted`: networks whose word `[conserver]` takes for a user. `proxy`: addresses of `[network.proxy]` at which every user of this machine can be one. `rule`: gives much to people without a name. `nobody`: a rule names users or groups that this system does not know.',
    }),
    console: Type.Optional(Type.String()),
    at: Type.Optional(Type.String({ description: 'Of an endpoint: `0.0.0.0:20001`.' })),
    who: Type.Optional(Type.Array(Type.String(), { description: 'As in the rule; networks.' })),
    may: Type.Optional(Rights('The rights of everyone who connects there.')),
    file: Type.Optional(Type.String()),
    line: Type.Optional(Type.Integer()),
  },
  {
    ...closed,
    description: 'A way in that is open to many, or a rule that opens one: what `holdfast doctor` looks at.',
  },
);
