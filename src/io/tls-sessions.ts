// Sessions of TLS that servers have given us, so that the next connection to the same server needs no full handshake.

import type { PeerCertificate } from '../session/tls-layer.ts';

// A session has some 2 KiB, with the certificates of its server.
const MAX_SESSIONS = 2_000;

/** A session, and who the server was when it gave it: a resumed session shows no certificate again. */
export interface KeptSession {
  readonly session: Buffer;
  readonly peer: PeerCertificate | undefined;
  /** On the clock that never runs backwards, in milliseconds. */
  readonly usableUntil: number;
}

/** Remembers one session for each key; beyond their number the one that was kept longest ago is forgotten. */
export class TlsSessions {
  readonly #sessions = new Map<string, KeptSession>();

  get(key: string, now: number): KeptSession | undefined {
    const kept = this.#sessions.get(key);
    if (kept === undefined || kept.usableUntil > now) return kept;
    this.#sessions.delete(key);
    return undefined;
  }

  set(key: string, session: KeptSession): void {
    this.#sessions.delete(key);
    this.#sessions.set(key, session);
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size > MAX_SESSIONS && oldest !== undefined) this.#sessions.delete(oldest);
  }

  forget(key: string): void {
    this.#sessions.delete(key);
  }
}
