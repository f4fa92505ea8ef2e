/** The OpenAPI 3.1 document, made of the route table: docs/reference/openapi.json is this, held equal by a test. */
import type { TObject, TSchema } from 'typebox';
import {
  DetailSchema,
  EventSchema,
  ProblemSchema,
  SearchItemSchema,
  SessionSchema,
  SummarySchema,
  VersionSchema,
} from '../../model/api-schema.ts';
import { WATCH_PATH } from '../../model/feed.ts';
import { IsisHostSchema, IsisMessageSchema, IsisReplySchema, IsisSummarySchema } from '../../model/isis-api-schema.ts';
import { PlanSchema } from '../../model/plan-api-schema.ts';
import { PROBLEM_TYPE } from '../../model/problem.ts';
import { PastResourcesSchema, ResourcesSchema } from '../../model/resources-api-schema.ts';
import { NewTokenSchema, TokenSchema } from '../../model/token-api-schema.ts';
import { AttachQuery } from './attach.ts';
import type { Route } from './route.ts';
import { ROUTES } from './routes.ts';
import { WatchChangesSchema, WatchQuery, WatchTableSchema } from './watch.ts';

const SHARED: Readonly<Record<string, TSchema>> = {
  ConsoleDetail: DetailSchema,
  ConsoleSummary: SummarySchema,
  HostEvent: EventSchema,
  IsisHost: IsisHostSchema,
  IsisMessage: IsisMessageSchema,
  IsisReply: IsisReplySchema,
  IsisSummary: IsisSummarySchema,
  NewToken: NewTokenSchema,
  PlanResult: PlanSchema,
  Problem: ProblemSchema,
  Resources: ResourcesSchema,
  PastResources: PastResourcesSchema,
  SearchItem: SearchItemSchema,
  SessionInfo: SessionSchema,
  TokenInfo: TokenSchema,
  VersionInfo: VersionSchema,
  WatchChanges: WatchChangesSchema,
  WatchTable: WatchTableSchema,
};

/** `version` is that of the API, which is in every path. */
export function openApiDocument(): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of ROUTES) {
    const path = templated(route.path);
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
  }
  paths['/v1/openapi.json'] = {
    get: { operationId: 'openapi', summary: 'This document.', responses: { 200: { description: 'OK' } } },
  };
  paths['/v1/consoles/{name}/attach'] = {
    get: {
      operationId: 'attach',
      summary:
        'A WebSocket, subprotocol `holdfast.attach.v2` or `holdfast.attach.v1`: for watching, and with the keyboard for writing. See docs/reference/api.md.',
      parameters: [nameParameter(), ...queryParameters(AttachQuery)],
      responses: { 101: { description: 'Switching Protocols' }, default: problem() },
    },
  };
  paths[WATCH_PATH] = {
    get: {
      operationId: 'watch',
      summary:
        'A WebSocket, subprotocol `holdfast.watch.v1`: a `WatchTable`, then `WatchChanges`. See docs/reference/api.md.',
      parameters: queryParameters(WatchQuery),
      responses: { 101: { description: 'Switching Protocols' }, default: problem() },
    },
  };
  return {
    openapi: '3.1.0',
    info: {
      title: 'Holdfast control API',
      version: '1',
      description:
        'Over HTTP on the control socket of a host server. Mode and group of the socket decide who may connect.',
      license: { name: 'BSD-3-Clause', identifier: 'BSD-3-Clause' },
    },
    servers: [{ url: 'http://localhost', description: 'The unix socket; the host name is ignored.' }],
    paths,
    components: { schemas: Object.fromEntries(Object.entries(SHARED).map(([name, schema]) => [name, inner(schema)])) },
  };
}

function operation(route: Route): object {
  const { schema, types = [], status } = route.answer;
  const content = {
    ...(schema ? { 'application/json': { schema: referenced(schema) } } : {}),
    ...Object.fromEntries(types.map((type) => [type, { schema: { type: 'string' } }])),
  };
  const parameters = [
    ...(route.path.includes(':name') ? [nameParameter()] : []),
    ...(route.query ? queryParameters(route.query) : []),
  ];
  return {
    operationId: route.id,
    summary: route.summary,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.body ? { requestBody: requestBody(route.body) } : {}),
    responses: { [status]: { description: status === 202 ? 'Accepted' : 'OK', content }, default: problem() },
  };
}

function requestBody(schema: TObject): object {
  const required = ((schema as { required?: readonly string[] }).required?.length ?? 0) > 0;
  return { required, content: { 'application/json': { schema } } };
}

function queryParameters(schema: TObject): object[] {
  return Object.entries(schema.properties).map(([name, each]) => {
    const { description, ...rest } = each as TSchema & { description?: string };
    return { name, in: 'query', ...(description ? { description } : {}), schema: rest };
  });
}

function nameParameter(): object {
  return {
    name: 'name',
    in: 'path',
    required: true,
    schema: { type: 'string' },
    description: 'Name of the console or ISIS server, id of the token.',
  };
}

function problem(): object {
  return {
    description: 'The error, with a code of the catalogue (docs/reference/errors.md)',
    content: { [PROBLEM_TYPE]: { schema: referenced(ProblemSchema) } },
  };
}

/** Shared shapes by name, wherever they occur. */
function referenced(schema: unknown): unknown {
  const found = Object.entries(SHARED).find(([, shared]) => shared === schema);
  return found ? { $ref: `#/components/schemas/${found[0]}` } : inner(schema);
}

function inner(schema: unknown): unknown {
  if (Array.isArray(schema)) {
    return schema.map(referenced);
  }
  if (typeof schema !== 'object' || schema === null) {
    return schema;
  }
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, referenced(value)]));
}

function templated(path: string): string {
  return path.replace(':name', '{name}');
}
