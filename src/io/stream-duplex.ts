// A Stream as a Duplex of Node, for what can only stand on one, such as TLS.

import { Duplex } from 'node:stream';
import type { Stream, StreamListener } from '../session/stream.ts';

const NOT_ASKED = 'not-asked';

/** Both directions of a stream. It becomes the listener of the stream, and destroys it when it is destroyed. */
export class StreamDuplex extends Duplex {
  readonly #stream: Stream;
  #written: (() => void) | undefined;

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
    this.#stream.destroy();
    done(error);
  }

  #listener(): StreamListener {
    const { ownership } = this.#stream;
    return {
      received: (bytes) => {
        const goesOn = this.push(ownership === 'given' ? bytes : Buffer.from(bytes));
        if (!goesOn) this.#stream.hold(NOT_ASKED);
      },
      ended: () => this.push(null),
      drained: () => {
        const written = this.#written;
        this.#written = undefined;
        written?.();
      },
      closed: (error) => {
        this.destroy(
          error === undefined ? undefined : Object.assign(new Error(error), { code: error }),
        );
      },
    };
  }
}
