// The moves of one stream of the driver: the one out of it, and the one into it. Only streams that move bytes have them.

import type { Move, MoveWatcher } from '../session/stream.ts';
import { PipeMove } from './pipe-move.ts';
import type { MoveRoom, MoveSource, MoveTarget } from './pipe-move.ts';

/** A stream, as its moves need it. */
export interface MovableStream extends MoveSource {
  /** Whether it has its descriptor. */
  readonly isOpen: boolean;
  /** Whether bytes may be written to it: it has not been ended. */
  readonly mayBeWritten: boolean;
  /** Whether all that was written is with the kernel. */
  readonly isFlushed: boolean;
  /** Its moves; they are made when they are asked for. */
  readonly moves: StreamMoves;
  sendQueued(): void;
  fail(code: string): void;
}

/** What is moved, for how long, and who is told. */
export interface MovePlan {
  readonly length: number;
  readonly moved: MoveWatcher;
}

/** Begins to move bytes; undefined where one of the two is at its end, or something is moved into the target already. */
export function beginMove(
  room: MoveRoom,
  source: MovableStream,
  target: MovableStream,
  plan: MovePlan,
): Move | undefined {
  if (source === target || !source.isOpen || !target.mayBeWritten) return undefined;
  return target.moves.isFree ? source.moves.begin(room, target.moves, plan) : undefined;
}

/** The moves of one stream, which is the source of one and the target of the other. */
export class StreamMoves implements MoveTarget {
  readonly #stream: MovableStream;
  #out: PipeMove | undefined;
  #in: PipeMove | undefined;
  #isWritable = true;

  constructor(stream: MovableStream) {
    this.#stream = stream;
  }

  /** Whether what comes in at the stream is moved out of it. */
  get isMovingOut(): boolean {
    return this.#out !== undefined;
  }

  /** Whether bytes are moved out of the stream, or are on their way into it. */
  get isMoving(): boolean {
    return this.isMovingOut || this.hasBytes;
  }

  /** Whether nothing is moved into the stream. */
  get isFree(): boolean {
    return this.#in?.isDone !== false;
  }

  /** Whether bytes are in the pipe to the stream, so that it may write nothing else. */
  get hasBytes(): boolean {
    return this.#in?.hasBytes === true;
  }

  /** Begins a move out of the stream, which ends an earlier one. */
  begin(room: MoveRoom, target: StreamMoves, plan: MovePlan): Move {
    this.#out?.stop();
    const move = new PipeMove(room, this.#stream, target, plan);
    this.#out = move;
    target.#in = move;
    move.soon();
    return move;
  }

  /** Moves out what can be moved now. */
  run(): void {
    this.#out?.run();
  }

  /** The stream may be read again. */
  outIsOver(): void {
    this.#out = undefined;
  }

  /** The kernel takes more of what is moved into the stream. */
  becameWritable(): void {
    this.#isWritable = true;
    this.#in?.run();
  }

  /** All that was written to the stream is with the kernel. */
  becameFlushed(): void {
    this.#in?.soon();
  }

  /** The stream is ended: nothing more is moved into it. */
  end(): void {
    this.#in?.cut();
  }

  /** The owner of the stream has destroyed it: it hears nothing more. */
  forget(): void {
    this.#out?.stop();
  }

  /** The stream closes its descriptor. */
  leave(): void {
    this.#in?.dropTarget();
    this.#out?.loseSource();
  }

  get socket(): number {
    return this.#stream.socket;
  }

  get isWritable(): boolean {
    return this.#isWritable && this.#stream.isOpen;
  }

  get hasWrittenBytes(): boolean {
    return !this.#stream.isFlushed;
  }

  isFilled(): void {
    this.#isWritable = false;
  }

  pipeIsEmptied(): void {
    this.#stream.sendQueued();
  }

  writeFailed(code: string): void {
    if (this.#stream.isOpen) this.#stream.fail(code);
  }
}
