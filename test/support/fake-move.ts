// A move of fake streams. What was taken in waits among what the target's peer has not taken; nobody is told of anything
// before the source is asked to go on.
import type { Move, MoveWatcher } from '../../src/session/stream.ts';

/** Bytes that a move may still take in, those that are under way, and those that nobody has been told of. */
export class FakeMove implements Move {
  left: number;
  isOver = false;
  #underWay = 0;
  #untold = 0;
  readonly #moved: MoveWatcher;

  constructor(length: number, moved: MoveWatcher) {
    this.left = length;
    this.#moved = moved;
  }

  get hasBytes(): boolean {
    return this.#underWay > 0;
  }

  /** The source gives bytes to the target. */
  takeIn(length: number): void {
    this.left -= length;
    this.#underWay += length;
  }

  /** The peer of the target takes some. */
  goesOut(length: number): void {
    if (this.isOver) return;
    this.#underWay -= length;
    this.#untold += length;
  }

  /** Nothing more is taken in, and what is under way counts as moved. */
  cut(): void {
    this.left = 0;
    this.goesOut(this.#underWay);
  }

  /** Tells what there is to tell; false if there is nothing. It is over when all that it may take in was told. */
  tell(): boolean {
    const bytes = this.#untold;
    this.#untold = 0;
    if (this.left === 0 && this.#underWay === 0) this.isOver = true;
    if (bytes > 0) this.#moved(bytes);
    return bytes > 0;
  }

  /** The source has ended: nothing more is taken in, and what is under way is waited for. */
  finish(): void {
    this.left = 0;
  }

  stop(): number {
    if (this.isOver) return 0;
    this.isOver = true;
    return this.#underWay + this.#untold;
  }
}
