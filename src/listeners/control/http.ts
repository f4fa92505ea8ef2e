/** The routes on Fastify. */
import { pipeline } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Problem } from '../../model/api.ts';
import { HoldfastError } from '../../model/errors.ts';
import { WATCH_PATH } from '../../model/feed.ts';
import type { HostDoor } from '../../model/host-port.ts';
import type { LoginPort } from '../../model/login-port.ts';
import { PROBLEM_TYPE, problemOf } from '../../model/problem.ts';
import type { Verb } from '../../model/rights.ts';
import type { Clock } from '../../platform/time/clock.ts';
import { ATTACH_PATH } from './attach.ts';
import type { Callers } from './callers.ts';
import { check, readQuery } from './check.ts';
import type { Connections } from './connections.ts';
import { openApiDocument } from './openapi.ts';
import { problemFrom } from './problem.ts';
import { type Route, Streamed } from './route.ts';
import { OPENAPI_PATH, ROUTES } from './routes.ts';

/** Bytes of a request's body. */
const LARGEST_BODY = 65536;
/** Characters of a path that are quoted in an error. */
const LONGEST_PATH = 200;

export interface HttpOptions {
  readonly door: HostDoor;
  readonly callers: Callers;
  readonly clock: Clock;
  readonly connections: Connections;
  /** For the gateway alone. */
  readonly logins: LoginPort | undefined;
  /** Aborted when the server goes down: streaming answers end. */
  readonly closing: AbortSignal;
  /** Called with exceptions that are our own defects. */
  readonly fault: (error: unknown) => void;
}

/** A Fastify instance that is ready, for `routing`; it does not listen. */
export async function openHttp(options: HttpOptions): Promise<FastifyInstance> {
  // Here, so that a server whose API nobody uses never loads it (decision 0014).
  const { fastify } = await import('fastify');
  const app = fastify({
    logger: false,
    bodyLimit: LARGEST_BODY,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 1024 },
    frameworkErrors: (error, _request, reply) => void answerError(error, reply, options.fault),
    // Bodies are checked by typebox and answers are held to their schemas by tests: ajv, which the types ask for, need not be loaded.
    schemaController: {
      compilersFactory: {
        buildValidator: (() => () => () => true) as never,
        buildSerializer: () => () => (value: unknown) => JSON.stringify(value),
      },
    },
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, text, done) =>
    parseJson(text as string, done),
  );
  app.setErrorHandler((error, _request, reply) => answerError(error, reply, options.fault));
  app.setNotFoundHandler(({ method, url }, reply) => {
    const path = (url.split('?')[0] as string).slice(0, LONGEST_PATH);
    const isAttach = ATTACH_PATH.test(path);
    if (method === 'GET' && (isAttach || path === WATCH_PATH)) {
      reply.header('Upgrade', 'websocket');
      const where = `docs/reference/api.md, ${isAttach ? 'Attach' : 'Watch'}`;
      return answerProblem(problemOf('HF_NO_ROUTE', `${path} is a WebSocket: ${where}`, 426), reply);
    }
    const allowed = methodsOf(path);
    if (allowed.length > 0) {
      reply.header('Allow', allowed.join(', '));
      return answerProblem(
        problemOf('HF_NO_ROUTE', `There is no ${method} ${path}; ${allowed.join(', ')} is there`, 405),
        reply,
      );
    }
    return answerProblem(problemOf('HF_NO_ROUTE', `There is no ${method} ${path}`), reply);
  });
  for (const route of ROUTES) {
    app.route({
      method: route.method,
      url: route.path,
      ...(route.large && {
        bodyLimit: route.large.bytes,
        onRequest: (request) => mustBeAllowed(route.large?.verb as Verb, request, options),
      }),
      handler: (request, reply) => serve(route, request, reply, options),
    });
  }
  let openApi: string | undefined;
  app.get(OPENAPI_PATH, (_request, reply) => {
    // Some milliseconds of work, for which keys would wait each time.
    openApi ??= JSON.stringify(openApiDocument());
    return reply.type('application/json; charset=utf-8').send(openApi);
  });
  await app.ready();
  return app;
}

/** Before a large body is read. */
async function mustBeAllowed(verb: Verb, { raw }: FastifyRequest, { callers, door }: HttpOptions): Promise<void> {
  const { by } = await callers(raw);
  const refusal = (await door.as(by)).ask(verb);
  if (refusal) {
    throw refusal;
  }
}

async function serve(
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
  options: HttpOptions,
): Promise<unknown> {
  const { callers, door, clock, connections, closing, fault, logins } = options;
  if (closing.aborted) {
    throw new HoldfastError('HF_GOING_DOWN', 'The server is going down');
  }
  const { by, isGateway } = await callers(request.raw);
  const query = readQuery(route.query, request.query as Record<string, unknown>);
  const body = (request.body ?? {}) as Record<string, unknown>;
  if (route.body) {
    check(route.body, body, 'body');
  }
  const { name = '' } = request.params as { name?: string };
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  const ended = AbortSignal.any([closing, gone.signal]);
  const answer = await route.handle({
    host: await door.as(by),
    logins: isGateway ? logins : undefined,
    clock,
    name,
    query,
    body,
    mustKeep: (fd) => connections.mustKeep(fd),
    ended,
  });
  if (!(answer instanceof Streamed)) {
    connections.makeRoom();
    return reply.code(route.answer.status).send(answer);
  }
  try {
    connections.keep(request.raw.socket);
  } catch (error) {
    answer.stream.destroy();
    throw error;
  }
  reply.hijack();
  reply.raw.writeHead(route.answer.status, { 'Content-Type': answer.type });
  // The client gets the headers at once, even if there is nothing to send yet.
  reply.raw.flushHeaders();
  pipeline(answer.stream, reply.raw, (error) => {
    if (error && !isGone(error) && problemFrom(error).code === 'HF_INTERNAL') {
      fault(error);
    }
  });
  return reply;
}

/** Whether a client has had enough, which is its right. */
function isGone({ code, name }: NodeJS.ErrnoException): boolean {
  return name === 'AbortError' || ['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE'].includes(code ?? '');
}

function parseJson(text: string, done: (error: Error | null, body?: unknown) => void): void {
  if (text.trim() === '') {
    done(null, {});
    return;
  }
  try {
    done(null, JSON.parse(text));
  } catch (error) {
    done(new HoldfastError('HF_BAD_REQUEST', `body: not JSON: ${(error as Error).message}`));
  }
}

function answerError(error: unknown, reply: FastifyReply, fault: (error: unknown) => void): FastifyReply {
  const problem = problemFrom(error);
  if (problem.code === 'HF_INTERNAL') {
    fault(error);
  }
  return answerProblem(problem, reply);
}

function answerProblem(problem: Problem, reply: FastifyReply): FastifyReply {
  return reply.code(problem.status).header('Content-Type', PROBLEM_TYPE).send(JSON.stringify(problem));
}

/** The methods that are known at a path. */
function methodsOf(path: string): readonly string[] {
  const rows = [...ROUTES, { method: 'GET', path: OPENAPI_PATH }];
  return rows
    .filter((row) => new RegExp(`^${row.path.replace(/:\w+/g, '[^/]+')}$`).test(path))
    .map((row) => row.method);
}
