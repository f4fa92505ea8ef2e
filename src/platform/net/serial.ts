/** Serial devices. */
import { closeSync, constants, openSync } from 'node:fs';
import { Duplex } from 'node:stream';
import type { ConsoleSource } from '../../model/config.ts';
import { aside, readFault } from '../aside.ts';
import { type LineSettings, type NativePty, native } from '../native.ts';

const FLAGS = constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK;

/**
 * Opens the device of a serial line without waiting for its carrier; throws the system's error. Every byte passes
 * unchanged.
 */
export function openLine(device: string, settings: LineSettings): number {
  return withSettings(openSync(device, FLAGS), settings);
}

function withSettings(fd: number, settings: LineSettings): number {
  try {
    native.setLine(fd, settings);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/**
 * A console on a serial line, opened aside: some drivers take their time. Rejects with the system's error. The stream
 * ends when the device hangs up.
 */
export async function openSerial({
  path,
  baud,
  dataBits,
  stopBits,
  parity,
  flow,
}: ConsoleSource & { kind: 'serial' }): Promise<Duplex> {
  const software = flow === 'software';
  const settings: LineSettings = {
    ...{ baud, bits: dataBits, parity, cstopb: stopBits === 2, crtscts: flow === 'hardware', hupcl: true },
    ...{ ixon: software, ixoff: software, ixany: false },
  };
  const fd = await aside.open(path, FLAGS, closeSync).catch((error: Error) => {
    throw new Error(`${path}: ${readFault(error)}`);
  });
  return new SerialStream(withSettings(fd, settings));
}

/** The bytes of an open terminal or serial line; ends when it hangs up. The stream owns the descriptor from now on. */
export class SerialStream extends Duplex {
  readonly #line: NativePty;
  /** The bytes that did not fit, and the callback for when they do. */
  #rest: { readonly bytes: Uint8Array; readonly done: () => void } | undefined;

  constructor(fd: number) {
    super();
    this.#line = native.openPty(fd, {
      data: (count) => {
        if (!this.push(Buffer.from(native.scratch.subarray(0, count)))) {
          this.#line.pause();
        }
      },
      end: () => this.destroy(),
      drain: () => this.#writeRest(),
    });
  }

  override _read(): void {
    this.#line.resume();
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#rest = { bytes, done };
    this.#writeRest();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#line.close();
    done(error);
  }

  #writeRest(): void {
    if (this.#rest) {
      const { bytes, done } = this.#rest;
      const taken = this.#line.write(bytes);
      if (taken < 0) {
        this.destroy();
      } else if (taken < bytes.length) {
        this.#rest = { bytes: bytes.subarray(taken), done };
      } else {
        this.#rest = undefined;
        done();
      }
    }
  }
}
