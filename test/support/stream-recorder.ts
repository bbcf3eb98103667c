// A listener that writes down what a stream says, and every promise that the stream breaks.
import type {
  Move,
  Ownership,
  RestingStream,
  Stream,
  StreamListener,
} from '../../src/session/stream.ts';

/** What a test does when the stream speaks, after it was written down. */
export interface Reactions {
  received?(bytes: Uint8Array): void;
  ended?(): void;
  drained?(): void;
  moved?(): void;
  closed?(): void;
}

const DEADLINE_MS = 30_000; // for a loaded machine; each wait ends with its event, usually in microseconds

/** Waits some turns of the event loop: how a test shows that something does not happen. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((done) => setImmediate(done));
}

/** Stands between a test and one stream: every call goes through it, so that it knows what the stream may say. */
export class StreamRecorder implements StreamListener {
  /** What was said but bytes and `drained`, in order: 'ended', 'closed', 'closed ECONNRESET'. */
  readonly events: string[] = [];
  /** The promises that the stream broke. */
  readonly faults: string[] = [];
  chunkCount = 0;
  drainedCount = 0;
  /** Bytes that were moved out of it. */
  movedCount = 0;
  isListening = false;
  /** Whether the stream said stop and has not said drained yet. */
  mustWait = false;

  readonly #name: string;
  #stream: Stream;
  #resting: RestingStream | undefined;
  readonly #holds = new Set<string>();
  readonly #waiting = new Set<() => void>();
  #chunks: Buffer[] = [];
  #byteCount = 0;
  #callsUnderWay = 0;
  #isDestroyed = false;
  #reactions: Reactions = {};

  constructor(name: string, stream: Stream) {
    this.#name = name;
    this.#stream = stream;
  }

  get hasEnded(): boolean {
    return this.events.includes('ended');
  }

  get isClosed(): boolean {
    return this.events.some((event) => event.startsWith('closed'));
  }

  /** Everything received so far. */
  bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** Waits until the condition holds after some event. */
  async until(what: string, condition: () => boolean): Promise<void> {
    if (condition()) return;
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const look = (): void => {
      if (condition()) resolve(undefined);
    };
    const deadline = setTimeout(() => {
      const seen = `${this.#byteCount} bytes, ${this.movedCount} moved, ${this.events.join(', ')}`;
      reject(new Error(`${this.#name} waited in vain for ${what}; it saw ${seen}`));
    }, DEADLINE_MS);
    this.#waiting.add(look);
    try {
      await promise;
    } finally {
      clearTimeout(deadline);
      this.#waiting.delete(look);
    }
  }

  untilClosed(): Promise<void> {
    return this.until('closed', () => this.isClosed);
  }

  untilReceived(count: number): Promise<void> {
    return this.until(`${count} bytes`, () => this.#byteCount >= count);
  }

  /** Sets the count of `drained` back to what it was before a test filled the stream. */
  forgetDrained(count: number): void {
    this.drainedCount = count;
  }

  listen(reactions: Reactions = {}): void {
    this.#reactions = reactions;
    this.isListening = true;
    this.#call(() => this.#stream.listen(this));
  }

  /** Takes the listener off, if the stream is quiet; `listen` sets the next one. */
  unlisten(unread?: 'left'): boolean | undefined {
    const isOff = this.#call(() => this.#stream.unlisten?.(unread));
    if (isOff === true) this.isListening = false;
    return isOff;
  }

  /** Puts the stream to rest, if it can; `stirs` is called before anything more is said, and must call `wake`. */
  rest(stirs: () => void): boolean {
    const resting = this.#call(() => this.#stream.rest?.({ stirs }));
    if (resting === undefined) return false;
    this.isListening = false;
    this.#resting = resting;
    return true;
  }

  /** Wakes the stream, and listens. */
  wake(): void {
    const stream = this.#resting?.wake();
    this.#resting = undefined;
    if (stream === undefined) throw new Error('It does not rest');
    this.#stream = stream;
    this.listen();
  }

  /** Writes; lent bytes are scribbled over right after, as their owner is free to do. */
  write(bytes: Uint8Array, ownership: Ownership): boolean {
    const hasRoom = this.#call(() => this.#stream.write(bytes, ownership));
    if (ownership === 'lent') bytes.fill(0xee);
    if (!hasRoom) this.mustWait = true;
    return hasRoom;
  }

  end(): void {
    this.#call(() => this.#stream.end());
  }

  hold(reason: string): void {
    this.#holds.add(reason);
    this.#call(() => this.#stream.hold(reason));
  }

  release(reason: string): void {
    this.#holds.delete(reason);
    this.#call(() => this.#stream.release(reason));
  }

  destroy(how?: 'reset'): void {
    this.#isDestroyed = true;
    this.#call(() => this.#stream.destroy(how));
  }

  keepAlive(): void {
    this.#call(() => this.#stream.keepAlive());
  }

  /** Has the kernel move what comes next to the stream of another recorder; undefined where it cannot. */
  moveTo(target: StreamRecorder | Stream, length = Infinity): Move | undefined {
    const stream = target instanceof StreamRecorder ? target.#stream : target;
    let isStopped = false;
    const move = this.#call(() =>
      this.#stream.moveTo?.(stream, length, (bytes) => {
        if (isStopped) this.#fault('moved after it was stopped');
        this.#expectOpen('moved');
        if (bytes <= 0) this.#fault('moved nothing');
        this.movedCount += bytes;
        this.#react(() => this.#reactions.moved?.());
      }),
    );
    if (move === undefined) return undefined;
    return {
      get hasBytes() {
        return move.hasBytes;
      },
      stop: () => {
        isStopped = true;
        const rest = this.#call(() => move.stop());
        this.movedCount += rest;
        return rest;
      },
    };
  }

  received(bytes: Uint8Array): void {
    this.#expectReadable('received');
    if (this.hasEnded) this.#fault('received after ended');
    if (bytes.length === 0) this.#fault('received nothing');
    this.#chunks.push(Buffer.from(bytes));
    this.#byteCount += bytes.length;
    this.chunkCount++;
    // A copy, since a reaction may write it on as its own.
    this.#react(() => this.#reactions.received?.(Uint8Array.from(bytes)));
  }

  ended(): void {
    this.#expectReadable('ended');
    if (this.hasEnded) this.#fault('ended twice');
    this.events.push('ended');
    this.#react(() => this.#reactions.ended?.());
  }

  drained(): void {
    this.#expectOpen('drained');
    if (!this.mustWait) this.#fault('drained although write never said stop');
    this.mustWait = false;
    this.drainedCount++;
    this.#react(() => this.#reactions.drained?.());
  }

  closed(error?: string): void {
    if (this.#callsUnderWay > 0) this.#fault('closed from within a call');
    if (this.isClosed) this.#fault('closed twice');
    this.events.push(error === undefined ? 'closed' : `closed ${error}`);
    this.#react(() => this.#reactions.closed?.());
  }

  #expectReadable(what: string): void {
    this.#expectOpen(what);
    if (this.#holds.size > 0) this.#fault(`${what} while held by ${[...this.#holds].join()}`);
  }

  #expectOpen(what: string): void {
    if (this.#callsUnderWay > 0) this.#fault(`${what} from within a call`);
    if (this.#isDestroyed) this.#fault(`${what} after destroy`);
    if (this.isClosed) this.#fault(`${what} after closed`);
  }

  #fault(what: string): void {
    this.faults.push(`${this.#name}: ${what}`);
  }

  #call<T>(call: () => T): T {
    this.#callsUnderWay++;
    try {
      return call();
    } finally {
      this.#callsUnderWay--;
    }
  }

  #react(reaction: () => void): void {
    reaction();
    for (const look of [...this.#waiting]) look();
  }
}
