/** Messages of an attach WebSocket (docs/reference/api.md, "Attach"). */
import type { Static } from 'typebox';
import * as Type from 'typebox';
import { HoldfastError } from '../../model/errors.ts';
import { check } from './check.ts';
import { Reason } from './verbs.ts';

/** Messages that a client acknowledges from the first byte on, and those that it need not. */
export const ACKNOWLEDGED = 'holdfast.attach.v2';
export const SUBPROTOCOL = 'holdfast.attach.v1';

/** Bytes of one message from a client, input or JSON. */
export const LARGEST_MESSAGE = 65536;

const closed = { additionalProperties: false };
const Size = Type.Integer({ minimum: 0, maximum: 65535 });
const Offset = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const MESSAGES = {
  take: Type.Object({ type: Type.Literal('take'), force: Type.Optional(Type.Boolean()), reason: Reason }, closed),
  release: Type.Object({ type: Type.Literal('release') }, closed),
  resize: Type.Object({ type: Type.Literal('resize'), columns: Size, rows: Size }, closed),
  ack: Type.Object({ type: Type.Literal('ack'), offset: Offset }, closed),
};

export type ClientMessage =
  | Static<typeof MESSAGES.take>
  | Static<typeof MESSAGES.release>
  | Static<typeof MESSAGES.resize>
  | Static<typeof MESSAGES.ack>;

/** Throws HF_BAD_REQUEST naming the field. */
export function readMessage(text: string): ClientMessage {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new HoldfastError('HF_BAD_REQUEST', 'message: a text message is JSON');
  }
  const type = (value as { type?: unknown } | null)?.type;
  if (typeof type !== 'string' || !Object.hasOwn(MESSAGES, type)) {
    throw new HoldfastError('HF_BAD_REQUEST', 'message.type: `take`, `release`, `resize` or `ack`');
  }
  check(MESSAGES[type as keyof typeof MESSAGES], value, 'message');
  return value as ClientMessage;
}

/** Output as a binary message: the offset of its first byte as 8 bytes, big-endian, then the bytes. */
export function outputMessage(bytes: Uint8Array, offset: number): Buffer {
  const message = Buffer.allocUnsafe(8 + bytes.length);
  message.writeBigUInt64BE(BigInt(offset));
  message.set(bytes, 8);
  return message;
}
