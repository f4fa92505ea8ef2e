/**
 * The protocol between server and holder over their socket: frames of a length, a type and a payload. Both begin
 * with `hello`, which names the protocol, so that parts of different versions notice before anything else is said.
 *
 *     length  4 bytes, big-endian: of all that follows
 *     type    1 byte
 *     payload JSON (hello, request, response, event), or
 *             console id (4 bytes, big-endian) and data (input, lines, note, feed, mark), or
 *             console id, stream offset (8 bytes, big-endian) and data (output, noted)
 */

export const PROTOCOL = 3;
/** The first protocol version with `lines`. */
export const LINES_SINCE = 2;
/** The first protocol version with `mark`, a log that can be switched off, and XON/XOFF. */
export const MARKS_SINCE = 3;
/** The oldest protocol that this version still speaks. */
export const OLDEST_PROTOCOL = 1;

export const FRAME = {
  hello: 1,
  request: 2,
  response: 3,
  event: 4,
  /** To the child. */
  input: 5,
  /** A note of the server in the stream. */
  note: 6,
  /** Output of a source that is not a child. */
  feed: 7,
  /** Output of the source. */
  output: 8,
  /** A note of the server, played back. */
  noted: 9,
  /** To the child, with line feeds that may be superfluous: after a byte that is 1 if the first one is. */
  lines: 10,
  /** A mark of the server in the log. */
  mark: 11,
} as const;

const TYPES: ReadonlySet<number> = new Set(Object.values(FRAME));
const HEADER = 5;
const CONSOLE = 4;
const OFFSET = 8;
/** Larger ones are a mistake or an attack. Bytes. */
export const LONGEST = 16 << 20;
const NOTHING = new Uint8Array(0);

export interface Frame {
  readonly type: number;
  /** A view of the bytes given to `push` where possible: use it before the next `push`. */
  readonly payload: Uint8Array;
}

export class FrameError extends Error {}

/** Bytes as they come into whole frames. */
export class FrameReader {
  /** Longer frames are refused. Bytes. */
  longest: number;
  #rest: Uint8Array = NOTHING;

  constructor(longest = LONGEST) {
    this.longest = longest;
  }

  /** The frames that are complete now. Throws FrameError if the stream does not consist of frames. */
  *push(bytes: Uint8Array): Generator<Frame> {
    let data = this.#rest.length === 0 ? bytes : joined(this.#rest, bytes);
    this.#rest = NOTHING;
    while (data.length >= HEADER) {
      const length = uint32(data, 0);
      const type = data[CONSOLE] as number;
      if (length < 1 || length > this.longest || !TYPES.has(type)) {
        throw new FrameError(`no frame: length ${length}, type ${type}`);
      }
      if (data.length < CONSOLE + length) {
        break;
      }
      yield { type, payload: data.subarray(HEADER, CONSOLE + length) };
      data = data.subarray(CONSOLE + length);
    }
    // A copy, as the caller may use the memory again; slice() of a Buffer would be a view.
    this.#rest = data.length === 0 ? NOTHING : new Uint8Array(data);
  }
}

/** A frame with the given payload. */
export function frame(type: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEADER + payload.length);
  setUint32(bytes, 0, 1 + payload.length);
  bytes[4] = type;
  bytes.set(payload, HEADER);
  return bytes;
}

/** The head of a frame with data for or from a console: the data itself follows, so that it need not be copied. */
export function dataHead(type: number, console: number, length: number, offset?: number): Uint8Array {
  const bytes = new Uint8Array(headSize(offset));
  writeHead(bytes, type, console, length, offset);
  return bytes;
}

/** Such a frame with its data in one piece of memory: for little data, which is cheaper to copy than to send in two parts. */
export function dataFrame(
  allocate: (size: number) => Uint8Array,
  type: number,
  console: number,
  data: Uint8Array,
  offset?: number,
): Uint8Array {
  const head = headSize(offset);
  const bytes = allocate(head + data.length);
  writeHead(bytes, type, console, data.length, offset);
  bytes.set(data, head);
  return bytes;
}

function headSize(offset: number | undefined): number {
  return HEADER + CONSOLE + (offset === undefined ? 0 : OFFSET);
}

function writeHead(bytes: Uint8Array, type: number, console: number, length: number, offset: number | undefined): void {
  const extra = headSize(offset) - HEADER;
  setUint32(bytes, 0, 1 + extra + length);
  bytes[4] = type;
  setUint32(bytes, HEADER, console);
  if (offset !== undefined) {
    setUint32(bytes, HEADER + 4, Math.floor(offset / 2 ** 32));
    setUint32(bytes, HEADER + 8, offset >>> 0);
  }
}

export interface ConsoleData {
  readonly console: number;
  readonly data: Uint8Array;
}

/** The payload of `input`, `note`, `feed` and `mark`. */
export function consoleData(payload: Uint8Array): ConsoleData {
  if (payload.length < CONSOLE) {
    throw new FrameError('frame without console');
  }
  return { console: uint32(payload, 0), data: payload.subarray(CONSOLE) };
}

/** The payload of `output` and `noted`. */
export function streamData(payload: Uint8Array): ConsoleData & { readonly offset: number } {
  if (payload.length < CONSOLE + OFFSET) {
    throw new FrameError('frame without offset');
  }
  const offset = uint32(payload, CONSOLE) * 2 ** 32 + uint32(payload, CONSOLE + 4);
  return { console: uint32(payload, 0), offset, data: payload.subarray(CONSOLE + OFFSET) };
}

function uint32(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) * 2 ** 24 +
    ((bytes[at + 1] as number) << 16) +
    ((bytes[at + 2] as number) << 8) +
    (bytes[at + 3] as number)
  );
}

function setUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
