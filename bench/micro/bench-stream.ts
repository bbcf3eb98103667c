// A stream without a socket, for the measurements of single functions: it takes everything at once, and the bench plays
// its peer.

import type { Bytes } from '../../src/proxy/engine.ts';
import type { Stream, StreamListener } from '../../src/session/stream.ts';

/** A stream that takes everything at once. */
export class BenchStream implements Stream {
  readonly ownership = 'lent';
  readonly descriptor = undefined;
  readonly framing = 'bytes';
  listener: StreamListener | undefined;
  written = 0;

  listen(listener: StreamListener): void {
    this.listener = listener;
  }

  write(bytes: Bytes): boolean {
    this.written += bytes.length;
    return true;
  }

  end(): void {
    this.written += 0;
  }

  hold(): void {
    this.written += 0;
  }

  release(): void {
    this.written += 0;
  }

  destroy(): void {
    this.listener = undefined;
  }

  keepAlive(): void {
    this.written += 0;
  }
}
