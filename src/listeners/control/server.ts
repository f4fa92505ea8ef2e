/** The server as a whole: version, plan, apply, down. */
import * as Type from 'typebox';
import type { PlanResult } from '../../model/api.ts';
import { VersionSchema } from '../../model/api-schema.ts';
import { PlanSchema } from '../../model/plan-api-schema.ts';
import { ConfigRefused } from './problem.ts';
import { route } from './route.ts';
import { Reason } from './verbs.ts';

export const version = route({
  method: 'GET',
  path: '/v1/version',
  id: 'version',
  summary: 'Versions and process ids of server and holder, and the files of the configuration.',
  answer: { status: 200, schema: VersionSchema },
  handle: ({ host }) => host.version(),
});

export const plan = route({
  method: 'GET',
  path: '/v1/plan',
  id: 'plan',
  summary: 'What applying the files on disk would change.',
  answer: { status: 200, schema: PlanSchema },
  handle: async ({ host }) => accepted(await host.plan()),
});

export const apply = route({
  method: 'POST',
  path: '/v1/apply',
  id: 'apply',
  summary: 'Applies the files on disk; touches only what changed. In `[server]` only keys that are `live` are applied.',
  body: Type.Object(
    {
      reason: Reason,
      plan: Type.Optional(
        Type.String({
          maxLength: 64,
          description: 'The `id` of a plan. Where the files would change something else by now, nothing is applied.',
        }),
      ),
    },
    { additionalProperties: false },
  ),
  answer: { status: 200, schema: PlanSchema },
  handle: async ({ host, body: { plan, reason } }) => accepted(await host.apply(reason, plan)),
});

export const down = route({
  method: 'POST',
  path: '/v1/down',
  id: 'down',
  summary: 'Ends the server.',
  body: Type.Object(
    {
      all: Type.Optional(Type.Boolean({ description: 'The holder and all children too, each by its recipe.' })),
      reason: Reason,
    },
    { additionalProperties: false },
  ),
  answer: { status: 202, schema: Type.Object({}) },
  async handle({ host, body: { all = false, reason } }) {
    await host.down(all, reason);
    return {};
  },
});

export function accepted(result: PlanResult): PlanResult {
  if (result.problems.length > 0) {
    throw new ConfigRefused(result.problems);
  }
  return result;
}
