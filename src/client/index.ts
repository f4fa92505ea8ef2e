/** `holdfast/client`: a host server over its control socket. Documented in docs/reference/client.md. */
export type * from '../model/api.ts';
export type { AuditFilter, AuditReader, AuditRecord, AuditVerdict, PlacedRecord } from '../model/audit.ts';
export type { EndSignal } from '../model/end-signal.ts';
export { ERRORS, type ErrorCode, type ErrorEntry, HoldfastError } from '../model/errors.ts';
export { type FeedChanges, type FeedNews, type FeedPlace, type FeedTable, WatchedTable } from '../model/feed.ts';
export type {
  ClientEnterOptions,
  ClientSession,
  ConsoleFilter,
  EventFilter,
  HostClient,
  LogQuery,
  LogRange,
  SearchRequest,
} from '../model/host-port.ts';
export type { IsisFilter, IsisPort, IsisTraffic } from '../model/isis-port.ts';
export type { EnterFrom, SessionPort, SessionSink } from '../model/session.ts';
export type { TokenRequest, TokensPort } from '../model/token-port.ts';
export { linesOf } from '../platform/lines.ts';
export { connectControl as connect } from './control-connection.ts';
export { FarHost } from './far-host.ts';
export { connectHost } from './host-connection.ts';
export type { HostPlace } from './host-place.ts';
export { PASSING } from './passing.ts';
export type { Answer, ClientRequest, Transport, Wire, WireHandlers } from './transport.ts';
export { WatchFeed } from './watch-feed.ts';
