// Sessions of TLS that servers have given us, so that the next connection to the same server needs no full handshake.

import type { PeerCertificate } from '../session/tls-layer.ts';

// A session has some 2 KiB, with the certificates of its server.
const MAX_SESSIONS = 2_000;
// Each is used once, so that as many connections to a server may begin at the same time as there are sessions of it.
const MAX_SESSIONS_OF_SERVER = 16;

/** A session, and who the server was when it gave it: a resumed session shows no certificate again. */
export interface KeptSession {
  readonly session: Buffer;
  readonly peer: PeerCertificate | undefined;
  /** On the clock that never runs backwards, in milliseconds. */
  readonly usableUntil: number;
}

/**
 * Remembers some sessions for each server, by its key. Beyond their number, those of the server that gave none for the
 * longest time are forgotten.
 */
export class TlsSessions {
  /** Of each server the latest one last; the server that gave one last is last, too. */
  readonly #servers = new Map<string, KeptSession[]>();
  #count = 0;

  /** The latest session of a server: it is no more here, since it may be used once. */
  take(key: string, now: number): KeptSession | undefined {
    const sessions = this.#servers.get(key);
    const latest = sessions?.pop();
    if (sessions === undefined || latest === undefined) return undefined;
    this.#count -= 1;
    const isUsable = latest.usableUntil > now;
    if (!isUsable || sessions.length === 0) this.#forget(key, sessions); // what is older is hardly usable either
    return isUsable ? latest : undefined;
  }

  add(key: string, session: KeptSession): void {
    const sessions = this.#servers.get(key) ?? [];
    this.#servers.delete(key);
    this.#servers.set(key, sessions);
    sessions.push(session);
    if (sessions.length > MAX_SESSIONS_OF_SERVER) sessions.shift();
    else this.#count += 1;
    const [oldest] = this.#servers;
    if (this.#count > MAX_SESSIONS && oldest !== undefined) this.#forget(...oldest);
  }

  #forget(key: string, sessions: readonly KeptSession[]): void {
    this.#servers.delete(key);
    this.#count -= sessions.length;
  }
}
