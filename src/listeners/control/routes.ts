/** The route table of the control API. The OpenAPI document is made of it. */
import { access, openings } from './access.ts';
import { allResources, listConsoles, oneConsole } from './consoles.ts';
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
  start,
  stop,
  restart,
  signal,
  hold,
  release,
  log,
  search,
  events,
  plan,
  apply,
  down,
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
