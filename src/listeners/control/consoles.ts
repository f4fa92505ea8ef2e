/** `GET /v1/consoles`, `/v1/consoles/:name` and what consoles use and have used. */
import * as Type from 'typebox';
import { matchesGlob } from '../../grammar/text/glob.ts';
import { DetailSchema, State, SummarySchema } from '../../model/api-schema.ts';
import { PastResourcesSchema, ResourcesSchema } from '../../model/resources-api-schema.ts';
import { ANY_NAME, TableOf } from '../../model/table-of.ts';
import { route } from './route.ts';

export const listConsoles = route({
  method: 'GET',
  path: '/v1/consoles',
  id: 'listConsoles',
  summary: 'All consoles, or those that match all given parameters.',
  query: Type.Object(
    {
      group: Type.Optional(Type.String({ description: 'Only members of this group.' })),
      state: Type.Optional(State),
      match: Type.Optional(
        Type.String({ maxLength: 256, description: 'Only names that match: `*` any text, `?` one character.' }),
      ),
    },
    { additionalProperties: false },
  ),
  answer: { status: 200, schema: Type.Array(SummarySchema) },
  handle: async ({ host, query: { match, ...filter } }) =>
    (await host.list(filter)).filter(({ name }) => match === undefined || matchesGlob(match, name)),
});

export const allResources = route({
  method: 'GET',
  path: '/v1/resources',
  id: 'allResources',
  summary: 'What the processes of all consoles use, by name; consoles without any are left out.',
  answer: { status: 200, schema: TableOf(ANY_NAME, ResourcesSchema) },
  handle: async ({ host }) => Object.fromEntries(await host.resources()),
});

export const oneConsole = route({
  method: 'GET',
  path: '/v1/consoles/:name',
  id: 'oneConsole',
  summary: 'One console in full: source, sessions, the last deaths.',
  answer: { status: 200, schema: DetailSchema },
  handle: ({ host, name }) => host.detail(name),
});

export const pastResources = route({
  method: 'GET',
  path: '/v1/consoles/:name/resources',
  id: 'pastResources',
  summary: 'Past resource use of a console: by the minute for an hour, by the quarter of an hour for a day.',
  answer: { status: 200, schema: PastResourcesSchema },
  handle: ({ host, name }) => host.pastResources(name),
});
