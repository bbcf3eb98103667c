// One handshake with a server, and the sessions of TLS around it: the one that it begins with, and those that the server gives.

import type { Clock } from '../session/outside.ts';
import type { PeerCertificate, TlsServer } from '../session/tls-layer.ts';
import type { KeptSession, TlsSessions } from './tls-sessions.ts';
import type { Verified } from './verify-peer.ts';

/**
 * Bytes of a session with the certificate and the ticket in it: some have 2 KiB, and a server could give any number of
 * 160 KiB.
 */
const MAX_SESSION_BYTES = 16_384;

/** A server that is visited, and what is kept of it for the next time. */
export class ServerVisit {
  readonly server: TlsServer;
  /** What the server staples to its certificate (OCSP). */
  staple: Buffer | undefined;
  readonly #clock: Clock;
  readonly #lifetimeMs: number;
  readonly #key: string;
  #sessions: TlsSessions | undefined;
  #begunWith: KeptSession | undefined;
  /** What the server gave before it was known whether it is accepted. */
  #early: Buffer | undefined;
  /** Where it resumed a session: the server has shown its certificate before that, and shows it again when that is over. */
  #usableUntil: number | undefined;
  #accepted: { readonly peer: PeerCertificate | undefined } | undefined;

  constructor(server: TlsServer, clock: Clock, lifetimeMs: number) {
    this.server = server;
    this.#clock = clock;
    this.#lifetimeMs = lifetimeMs;
    this.#key = `${server.name ?? ''} ${String(server.address)}`;
  }

  /** The session to begin with, as an option of a connection. */
  begin(sessions: TlsSessions): { readonly session?: Buffer } {
    this.#sessions = sessions;
    // Whatever becomes of it: a session is used once, so that nobody can tell visits by it (RFC 8446, C.4).
    this.#begunWith = sessions.take(this.#key, this.#clock.monotonic());
    return this.#begunWith === undefined ? {} : { session: this.#begunWith.session };
  }

  /** Who the server is, if it took the session up: it shows no certificate then, and was accepted when it gave it. */
  resumed(isResumed: boolean): Verified | undefined {
    if (!isResumed || this.#begunWith === undefined) return undefined;
    this.#usableUntil = this.#begunWith.usableUntil;
    return { ok: true, peer: this.#begunWith.peer };
  }

  /** The server is accepted. */
  accepted(peer: PeerCertificate | undefined): void {
    this.#accepted = { peer };
    if (this.#early !== undefined) this.given(this.#early);
  }

  /** The server gives a session: it is kept once the server is accepted, and never of one that is not. */
  given(session: Buffer): void {
    if (this.#accepted === undefined) {
      this.#early = session;
      return;
    }
    if (session.length > MAX_SESSION_BYTES) return;
    // The server has given no other one: it would tell the next visit by it.
    if (this.#begunWith?.session.equals(session) === true) return;
    const usableUntil = this.#usableUntil ?? this.#clock.monotonic() + this.#lifetimeMs;
    this.#sessions?.add(this.#key, { session, peer: this.#accepted.peer, usableUntil });
  }
}
