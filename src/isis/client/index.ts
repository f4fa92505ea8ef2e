/** `holdfast/isis`: take part in an ISIS system. Documented in docs/reference/isis.md. */
export {
  type Body,
  type BodyItem,
  type BodyValue,
  type ImpType,
  isFinal,
  parseItems,
  splitType,
  valuesOf,
  writeItems,
  writeValue,
} from '../../codec/imp-body.ts';
export {
  type Answer,
  type Command,
  type CommandHandler,
  IsisClient,
  type IsisClientEvents,
  type IsisClientOptions,
  type RequestOptions,
} from './client.ts';
export { IsisBusyError, IsisClosedError, IsisRequestError, IsisTimeoutError } from './errors.ts';
