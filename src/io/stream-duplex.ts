// A Stream as a Duplex of Node, for what can only stand on one, such as TLS. What the stream says is passed on in a turn of the
// loop of its own, as turn-stream.ts does for the other direction, and says why.

import { Duplex } from 'node:stream';
import type { Stream, StreamListener } from '../session/stream.ts';

const NOT_ASKED = 'not-asked';
const ON_ITS_WAY = 'on-its-way';

/** Both directions of a stream. It becomes the listener of the stream, and destroys it when it is destroyed. */
export class StreamDuplex extends Duplex {
  readonly #stream: Stream;
  #written: (() => void) | undefined;
  #isReset = false;

  constructor(stream: Stream) {
    super({ allowHalfOpen: true, autoDestroy: false });
    this.#stream = stream;
    stream.hold(NOT_ASKED);
    stream.listen(this.#listener());
  }

  override _read(): void {
    this.#stream.release(NOT_ASKED);
  }

  override _write(bytes: Uint8Array, _encoding: string, done: () => void): void {
    if (this.#stream.write(bytes, 'given')) done();
    else this.#written = done;
  }

  override _final(done: () => void): void {
    this.#stream.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#stream.destroy(this.#isReset ? 'reset' : undefined);
    done(error);
  }

  /** Has its close reset the stream. */
  resetOnClose(): void {
    this.#isReset = true;
  }

  #listener(): StreamListener {
    const { ownership } = this.#stream;
    return {
      received: (bytes) => {
        const kept = ownership === 'lent' ? Buffer.from(bytes) : bytes;
        this.#stream.hold(ON_ITS_WAY);
        setImmediate(() => {
          if (this.destroyed) return;
          if (!this.push(kept)) this.#stream.hold(NOT_ASKED);
          this.#stream.release(ON_ITS_WAY);
        });
      },
      ended: () => {
        setImmediate(() => {
          if (!this.destroyed) this.push(null);
        });
      },
      drained: () => {
        setImmediate(() => {
          const written = this.#written;
          this.#written = undefined;
          written?.();
        });
      },
      closed: (error) => {
        setImmediate(() => {
          this.destroy(
            error === undefined ? undefined : Object.assign(new Error(error), { code: error }),
          );
        });
      },
    };
  }
}
