/** The log of a console, as the holder is asked for it. Pure. */
import type { ConsoleConfig, ServerConfig } from '../model/config.ts';
import type { LogSpec } from '../model/holder-protocol.ts';

export function logSpec({ log, user }: ConsoleConfig, { logSync }: ServerConfig): LogSpec | undefined {
  if (log === undefined) {
    return undefined;
  }
  const { marks, ...rest } = log;
  const stampEvery = marks?.every?.unit === 'lines' ? { stampEvery: marks.every.count } : {};
  return { ...rest, ...stampEvery, ...(user && { user }), ...(logSync === undefined ? {} : { sync: logSync }) };
}
