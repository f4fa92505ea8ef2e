/** The file of the tokens: for each its digest and what it is good for. */
import type { TokenInfo } from '../model/api.ts';
import { RIGHT_NAMES, type Right } from '../model/rights.ts';
import { RecordFile } from '../platform/files/record-file.ts';
import type { Clock } from '../platform/time/clock.ts';

export interface TokenRecord extends TokenInfo {
  /** SHA-256 of the token, 64 hexadecimal digits. */
  readonly digest: string;
  /** Its user was one of the system when it was made; without that it is over. */
  readonly account?: true;
}

export class TokenFile extends RecordFile<TokenRecord> {
  constructor(path: string, clock: Clock) {
    super(path, clock, { name: 'tokens', isRecord });
  }
}

function isRecord(value: unknown): value is TokenRecord {
  if (typeof value !== 'object' || value === null) {
    return false;
  }
  const { id, user, digest, until, createdBy, createdAt, may, on, once, label, lastUsed, account } =
    value as Partial<TokenRecord>;
  const isTime = (text: unknown) => typeof text === 'string' && !Number.isNaN(Date.parse(text));
  return (
    [id, user, createdBy].every((each) => typeof each === 'string') &&
    /^[0-9a-f]{64}$/.test(String(digest)) &&
    [until, createdAt].every(isTime) &&
    (account === undefined || account === true) &&
    [label, lastUsed].every((each) => each === undefined || typeof each === 'string') &&
    (once === undefined || typeof once === 'boolean') &&
    (on === undefined || (Array.isArray(on) && on.every((each) => typeof each === 'string'))) &&
    (may === undefined || (Array.isArray(may) && may.every((each) => RIGHT_NAMES.includes(each as Right))))
  );
}
