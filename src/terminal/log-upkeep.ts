/**
 * Keeps the file of a log in its place: opens it, checks whether it is still there, begins a new one if it is not, and
 * moves it aside when it is full. None of this happens during a write.
 */
import { LF } from '../model/ascii.ts';
import type { DiskCrew } from '../platform/files/disk-crew.ts';
import type { FileAnswer } from '../platform/native.ts';
import type { Clock, Timer } from '../platform/time/clock.ts';
import type { LogOptions } from './log-options.ts';
import type { LogPlace } from './log-place.ts';
import { type LogQueue, missingLine } from './log-queue.ts';
import { type Rotation, RotationDue } from './log-rotation.ts';
import type { LogTroubles } from './log-trouble.ts';
import type { LogTurn } from './log-turn.ts';
import { compressed, compressNewest } from './rotate-files.ts';
import { Unseen } from './unseen.ts';

/** How often a growing log is checked, and how soon a failed write is retried. */
const CHECK_INTERVAL_MS = 1000;

export interface UpkeepParts {
  readonly options: LogOptions;
  readonly place: LogPlace;
  readonly queue: LogQueue;
  readonly troubles: LogTroubles;
  readonly turn: LogTurn;
  readonly clock: Clock;
  readonly crew: DiskCrew;
  /** Bytes are missing in the log from here on, for this reason. */
  readonly missing: (bytes: number, reason: string) => void;
  /** A write may begin. */
  readonly goOn: () => void;
}

/** `due`: the file is checked when its time has come. `looking`: a check is under way. */
type Watch = 'resting' | 'due' | 'looking' | 'closed';

export class LogUpkeep {
  readonly #parts: UpkeepParts;
  readonly #rotation: RotationDue;
  #watch: Watch = 'resting';
  #timer: Timer | undefined;
  #unseen = new Unseen();

  constructor(parts: UpkeepParts) {
    this.#parts = parts;
    this.#rotation = new RotationDue(parts.options.rotate, parts.clock);
  }

  /**
   * Opens the file of the name instead of the open one; calls back when that has succeeded or failed, which is
   * reported.
   */
  open(then: () => void): void {
    this.#parts.place.open((found) => {
      this.#opened(found);
      then();
    });
  }

  /** Checks the file after a while: whether it is still in its place, whether it takes bytes again. */
  watch(): void {
    // One check at a time: of two, the one that finds a new file would not know what the other has kept of the old one.
    if (this.#watch === 'resting' && this.#parts.place.isOurs) {
      this.#watch = 'due';
      this.#timer = this.#parts.clock.after(CHECK_INTERVAL_MS, () => void this.#look());
    }
  }

  wrote(bytes: Uint8Array): void {
    this.#rotation.grew(bytes.length);
    // Nothing checks a descriptor that others opened, so nothing would ever be forgotten.
    if (this.#parts.place.isOurs) {
      this.#unseen.add(bytes);
    }
  }

  /** After a write: begins to move the file aside if it is due; returns whether it is. */
  rotateAfterWrite(): boolean {
    const { place, queue } = this.#parts;
    const due = place.isPlain && this.#rotation.isDueBehind(queue.lastByte);
    if (due) {
      this.rotateIfDue();
    }
    return due;
  }

  /** Whatever the last byte is. */
  rotateIfDue(): void {
    const { rotation } = this.#rotation;
    if (rotation && this.#parts.place.isPlain && this.#rotation.isDue) {
      void this.#move(() => this.#rotate(rotation));
    }
  }

  reopen(): void {
    void this.#move(() => this.#replace());
  }

  /** Moves a file of `limit` bytes aside: its name gets the suffix, its last lines, at most `tail` bytes, begin the new one. */
  moveAside(limit: number, suffix: string, tail: number): void {
    void this.#move(async () => {
      const lines = await this.#parts.place.cutOff(limit, suffix, tail);
      if (lines) {
        await this.#replace();
        this.#parts.queue.repeat([lines]);
      }
    });
  }

  /** Stops maintaining the file. */
  close(): void {
    this.#timer?.cancel();
    this.#watch = 'closed';
  }

  #opened(found: FileAnswer | Error): void {
    const { clock, options, queue, troubles } = this.#parts;
    if (found instanceof Error) {
      troubles.begin('open', `unable to open log file ${options.path}: ${found.message}`, clock.now());
      this.watch();
      return;
    }
    this.#rotation.opened(found);
    if (found.size === 0) {
      queue.beginsLine();
    }
    this.#unseen = new Unseen();
    troubles.end('open', 'move', 'hang');
  }

  /**
   * Nearly always the file is in its place, and then no write has waited for the check: readers wait for the writes.
   */
  async #look(): Promise<void> {
    const { goOn, place } = this.#parts;
    const { files } = place;
    const unseen = this.#unseen;
    this.#unseen = new Unseen();
    this.#watch = 'looking';
    const sight = await place.look();
    if (this.#watch !== 'looking') {
      return;
    }
    this.#watch = 'resting';
    if (sight === 'same') {
      place.saw(sight);
      this.#backAgain();
      goOn();
      this.#lookAgain();
      return;
    }
    if (files === place.files) {
      this.#unseen.precededBy(unseen);
    }
    await this.#move(() => this.#check());
  }

  /** A hung operation has returned: if nothing waits, no write will report it. */
  #backAgain(): void {
    const { queue, troubles, turn } = this.#parts;
    if (turn.state !== 'writing' && queue.bytes === 0) {
      troubles.end('hang');
    }
  }

  async #check(): Promise<void> {
    const { place } = this.#parts;
    switch (place.saw(await place.look())) {
      case 'stay':
        this.#unseen = new Unseen();
        break;
      case 'wait':
        this.watch();
        break;
      case 'repeat':
        this.#repeat();
        // Output waits for the new file; written into this one it would be lost.
        place.drop();
        await this.#replace();
        break;
      case 'replace':
        await this.#replace();
        break;
    }
    this.#lookAgain();
  }

  #lookAgain(): void {
    if (this.#parts.troubles.now || this.#unseen.bytes > 0) {
      this.watch();
    }
  }

  /** The file was deleted under us: the output since it was last seen is written again into the next one. */
  #repeat(): void {
    const { bytes, pieces } = this.#unseen;
    if (pieces === undefined) {
      this.#parts.missing(bytes, 'the log file was deleted');
    }
    this.#parts.queue.repeat(pieces ?? [missingLine(bytes, 'the log file was deleted', LF)]);
    this.#unseen = new Unseen();
  }

  #replace(): Promise<void> {
    return new Promise((resolve) => this.open(resolve));
  }

  async #rotate({ keep, compress }: Rotation): Promise<void> {
    const { crew, options, place } = this.#parts;
    const packing = compressed(options.path);
    if (packing) {
      // Writing to the log continues meanwhile: a large file takes long, and little can wait.
      this.#rotation.waitFor(packing, () => this.rotateIfDue());
      return;
    }
    this.#rotation.tried();
    if (!(await place.moveAside(keep))) {
      // The name belongs to another file: the next check finds out which.
      this.watch();
      return;
    }
    await this.#replace();
    if (compress) {
      compressNewest(options, crew).catch((error: Error) =>
        options.lost?.(`cannot compress log file ${options.path}.1: ${error.message}`),
      );
    }
  }

  /** Runs something that changes the file while no write is under way and none begins. */
  async #move(work: () => Promise<void>): Promise<void> {
    const { clock, goOn, options, place, troubles, turn } = this.#parts;
    if (turn.state === 'moving') {
      return;
    }
    if (place.opening || !turn.take('move')) {
      this.watch();
      return;
    }
    try {
      await work();
    } catch (error) {
      troubles.begin('move', `log file ${options.path} ${(error as Error).message}`, clock.now());
      this.watch();
    } finally {
      turn.take('moved');
      goOn();
    }
  }
}
