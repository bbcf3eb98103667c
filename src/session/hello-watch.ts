// Waits for what a client of TLS says first: whom it asks for is known before anything is decided and encrypted, and is known
// once. What OpenSSL says about it later is none after a session of TLS 1.2 is resumed, and another after a second hello.

import { MAX_DETECTED_BYTES } from '../proxy/detection-race.ts';
import type { Bytes, ConnectFailure } from '../proxy/engine.ts';
import { PeekStream } from './peek-stream.ts';
import type { Runtime } from './runtime.ts';
import type { Stream } from './stream.ts';

/** Who waits for it. */
export interface HelloListener {
  /** The client asks for this server, in lower case, or for none. */
  asked(serverName: string | undefined): void;
  /** It is no client of TLS, or too slow; or, also after it has asked, it is gone. */
  failed(failure: ConnectFailure): void;
}

/** Watches a client until it is stopped. */
export class HelloWatch {
  /** The client, with what it has said: for who goes on with it. */
  readonly stream: PeekStream;
  readonly #runtime: Runtime;
  readonly #listener: HelloListener;
  #isHeard = false;
  readonly #cancelTimer: () => void;

  /** Tells nothing before it has returned. */
  constructor(runtime: Runtime, stream: Stream, timeoutMs: number, listener: HelloListener) {
    this.#runtime = runtime;
    this.#listener = listener;
    this.stream = new PeekStream(stream, MAX_DETECTED_BYTES);
    this.#cancelTimer = runtime.outside.clock.after(timeoutMs, () => listener.failed(SILENT));
    this.stream.watch({
      peeked: (bytes, { isComplete }) => this.#read(bytes, isComplete),
      lost: () => listener.failed(LOST),
    });
  }

  /** Watches no more. */
  stop(): void {
    this.#isHeard = true;
    this.#cancelTimer();
    this.stream.stopWatching();
  }

  /** The client may say more than its hello meanwhile: that is read later. */
  #read(bytes: Bytes, isComplete: boolean): void {
    if (this.#isHeard) return;
    const reading = this.#runtime.outside.readHello(bytes);
    if (reading.kind === 'incomplete' && !isComplete) return;
    this.#isHeard = true;
    this.#cancelTimer();
    if (reading.kind === 'hello') this.#listener.asked(reading.hello.serverName);
    // A client that ends in the middle of it would have been one.
    else this.#listener.failed(reading.kind === 'incomplete' ? LOST : NO_HELLO);
  }
}

const SILENT: ConnectFailure = {
  reason: 'tls.client-timeout',
  verdict: 'denied-by-connection-fail',
  message: 'The handshake of TLS took too long',
};
const LOST: ConnectFailure = {
  reason: 'tls.client-closed',
  verdict: 'denied-by-connection-fail',
  message: 'The client ended in the handshake of TLS',
};
const NO_HELLO: ConnectFailure = {
  reason: 'tls.not-tls',
  verdict: 'denied-by-connection-fail',
  message: 'No TLS with the client: it does not begin with a ClientHello',
};
