/** The files that make up the log of a console, read by threads that may hang. */
import type { LogFiles } from '../model/host-port.ts';
import type { DiskFault, DiskFile, DiskFiles } from '../platform/files/disk-files.ts';

const ENOENT = 2;

export class DiskLogFiles implements LogFiles {
  readonly path: string;
  readonly #disk: DiskFiles;
  readonly user: string | undefined;

  constructor(disk: DiskFiles, path: string, user?: string) {
    this.#disk = disk;
    this.path = path;
    this.user = user;
  }

  /** Rejects with a DiskFault. */
  async list(): Promise<readonly string[]> {
    const { answer } = await this.#disk.ask({ ...this.#asked(), verb: 'list' }).catch(orNone);
    const rotated: { readonly number: number; readonly suffix: string }[] = [];
    for (const suffix of answer?.list ?? []) {
      const number = /^\.(\d+)(?:\.gz)?$/.exec(suffix)?.[1];
      if (number !== undefined) {
        rotated.push({ number: Number(number), suffix });
      }
    }
    const suffixes = rotated.sort((a, b) => b.number - a.number).map(({ suffix }) => suffix);
    return [...suffixes, ...(answer?.list?.includes('') ? [''] : [])];
  }

  /** Rejects with a DiskFault. */
  async open(suffix: string): Promise<DiskFile | undefined> {
    return await this.#disk.fetch({ ...this.#asked(), suffix }).catch((error: DiskFault) => {
      if (error.errno === ENOENT) {
        return undefined;
      }
      throw error;
    });
  }

  async identify(suffix: string): Promise<string | undefined> {
    return await this.#disk.ask({ ...this.#asked(), suffix, verb: 'identify' }).then(
      ({ answer }) => answer?.identity,
      () => undefined,
    );
  }

  #asked(): { readonly path: string; readonly user?: string } {
    return { path: this.path, ...(this.user === undefined ? {} : { user: this.user }) };
  }
}

/** A missing folder contains no log. */
function orNone(error: DiskFault): { readonly answer?: undefined } {
  if (error.errno === ENOENT) {
    return {};
  }
  throw error;
}
