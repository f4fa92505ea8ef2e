/** Serial devices: line settings by the `serialport` package, loaded only where a console has one; bytes by the addon. */
import { constants, openSync } from 'node:fs';
import { Duplex } from 'node:stream';
import type { ConsoleSource } from '../model/config.ts';
import { type NativePty, native } from './native.ts';

/**
 * Opens the device with its line settings; rejects with what the system says. The stream ends when the device hangs up:
 * `serialport` (bindings-cpp 13) itself would read the end of file again and again.
 */
export async function openSerial(source: ConsoleSource & { kind: 'serial' }): Promise<Duplex> {
  const { SerialPort } = await import('serialport');
  const port = new SerialPort({
    path: source.path,
    baudRate: source.baud,
    dataBits: source.dataBits,
    stopBits: source.stopBits,
    parity: source.parity,
    rtscts: source.flow === 'hardware',
    xon: source.flow === 'software',
    xoff: source.flow === 'software',
    autoOpen: false,
  });
  await new Promise<void>((resolve, reject) => port.open((error) => (error ? reject(error) : resolve())));
  try {
    // The settings last as long as somebody has the device open: from here on that is us.
    return new SerialStream(openSync(source.path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK));
  } finally {
    port.close();
  }
}

/** The bytes of an open terminal or serial line; ends when it hangs up. The descriptor is the stream's from now on. */
export class SerialStream extends Duplex {
  readonly #line: NativePty;
  /** What did not fit, and whom to tell when it does. */
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
