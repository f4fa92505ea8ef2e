/** Serial devices. */
import { closeSync, constants, openSync } from 'node:fs';
import { Duplex } from 'node:stream';
import type { ConsoleSource } from '../../model/config.ts';
import { aside, readFault } from '../aside.ts';
import { type LineSettings, type NativePty, native } from '../native.ts';
import { type Clock, systemClock } from '../time/clock.ts';
import { pause } from '../time/pause.ts';

const FLAGS = constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK;

/** As long as tcsendbreak(3) makes it. */
const BREAK_MS = 300;
/** How long a break waits for output that was sent before, and how often it looks. */
const DRAIN_TIMEOUT_MS = 5000;
const DRAIN_INTERVAL_MS = 20;

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

type Serial = ConsoleSource & { kind: 'serial' };

/** A console on a serial line. Rejects with an Error that names the device. The stream ends when the device hangs up. */
export function openSerial(source: Serial): Promise<SerialStream> {
  return openDevice(source, (error) => new Error(`${source.path}: ${readFault(error)}`));
}

/** The same, opened aside since some drivers take their time; `fault` words the system's refusal to open it. */
export async function openDevice(source: Serial, fault: (error: Error) => Error): Promise<SerialStream> {
  const fd = await aside.open(source.path, FLAGS, closeSync).catch((error: Error) => {
    throw fault(error);
  });
  return new SerialStream(withSettings(fd, settingsOf(source)));
}

function settingsOf({ baud, dataBits, stopBits, parity, flow, modes, hangUp = true }: Serial): LineSettings {
  const software = flow === 'software';
  return {
    ...{ baud, bits: dataBits, parity, cstopb: stopBits === 2, crtscts: flow === 'hardware', hupcl: hangUp },
    ...{ ixon: software, ixoff: software, ixany: false, ...modes },
  };
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

  get fd(): number {
    return this.#line.fd;
  }

  /** Resolves when it is over; everything sent before goes first. Rejects with the system's error, or if that does not go. */
  async sendBreak(clock: Clock = systemClock): Promise<void> {
    const limit = clock.monotonic() + DRAIN_TIMEOUT_MS;
    while (!this.destroyed && !this.#beginBreak()) {
      if (clock.monotonic() >= limit) {
        throw new Error('the line does not take what was sent before');
      }
      await pause(clock, DRAIN_INTERVAL_MS);
    }
    await pause(clock, BREAK_MS);
    if (!this.destroyed) {
      native.setBreak(this.fd, false);
    }
  }

  /** XON/XOFF. */
  setFlow(on: boolean): void {
    native.setModes(this.fd, { ixon: on });
  }

  /** False: output waits. */
  #beginBreak(): boolean {
    return this.#rest === undefined && native.setBreak(this.fd, true);
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
