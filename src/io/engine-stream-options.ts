// Whom a stream of TLS tells of its handshake, and what is particular to it.

/** Who waits for a handshake. */
export interface HandshakeWatcher {
  /** It is over as far as the peer is concerned: whether that is good enough. If not it is told nothing more. */
  accepts(): boolean;
  /** It is over, and the stream can be used. */
  secured(): void;
  /** There will be none: what broke it, or undefined where the peer has gone or is not accepted. */
  failed(error?: Error): void;
}

/** What is particular to a stream. */
export interface EngineStreamOptions {
  /** Whether an end without the closing alert of TLS is a proper one. */
  readonly permitTruncation: boolean;
  /** Called once, when the server has said something behind its handshake: its tickets have come. */
  readonly tickets?: () => void;
}
