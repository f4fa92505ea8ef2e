/** The route table of the control API. The OpenAPI document is made of it. */
import { WATCH_PATH } from '../../model/feed.ts';
import { type ApiPath, LOGIN_PATH } from '../../model/gateway-protocol.ts';
import { access, openings } from './access.ts';
import { audit, verifyAudit } from './audit.ts';
import { configuration, planInstead } from './config.ts';
import { allResources, listConsoles, oneConsole, pastResources } from './consoles.ts';
import { events } from './events.ts';
import { isisHosts, isisPing, isisPorts, isisSend, listIsis } from './isis.ts';
import { isisWatch } from './isis-watch.ts';
import { log } from './log.ts';
import { login } from './login.ts';
import type { Route } from './route.ts';
import { search } from './search.ts';
import { apply, down, plan, version } from './server.ts';
import { createToken, listTokens, revokeToken } from './tokens.ts';
import { hold, release, restart, signal, start, stop } from './verbs.ts';

export const ROUTES: readonly Route[] = [
  version,
  access,
  openings,
  listConsoles,
  allResources,
  oneConsole,
  pastResources,
  start,
  stop,
  restart,
  signal,
  hold,
  release,
  log,
  search,
  events,
  configuration,
  plan,
  planInstead,
  apply,
  down,
  audit,
  verifyAudit,
  listIsis,
  isisHosts,
  isisPorts,
  isisSend,
  isisPing,
  isisWatch,
  login,
  createToken,
  listTokens,
  revokeToken,
];

export const OPENAPI_PATH = '/v1/openapi.json';

/** All that may be asked for by whoever has logged in. */
export const PATHS: readonly ApiPath[] = [
  ...ROUTES.filter(({ path }) => path !== LOGIN_PATH).map(({ method, path }) => ({ method, path })),
  { method: 'GET', path: OPENAPI_PATH },
  { method: 'GET', path: '/v1/consoles/:name/attach', upgrades: true },
  { method: 'GET', path: WATCH_PATH, upgrades: true },
];
