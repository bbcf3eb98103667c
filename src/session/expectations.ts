// How many connections sessions may expect at once. Each expectation is a door that stands open, so that their number
// has bounds.

import type { SocketAddress } from '../address/socket-address.ts';
import type { ConnectFailure } from '../proxy/engine.ts';
import type { Connection } from './connection.ts';

/** A file transfer expects one or two connections, a call with sound and picture four; this is a client that misbehaves. */
export const MAX_EXPECTED_BY_SESSION = 16;

/** Linux has 28,232 ports that it chooses by itself, and those to servers come from them, too. */
export const MAX_EXPECTED_BY_INSTANCE = 4_096;

/** The connections that the sessions of an instance expect. */
export class Expectations {
  readonly #listensAt: (address: SocketAddress) => boolean;
  #count = 0;
  #isEnding = false;

  /** `listensAt`: whether a listener of the instance has this address. */
  constructor(listensAt: (address: SocketAddress) => boolean) {
    this.#listensAt = listensAt;
  }

  /** How many there are. */
  get count(): number {
    return this.#count;
  }

  /** Whether a listener of the instance has this address, so that the connection will come through it. */
  listensAt(address: SocketAddress): boolean {
    return this.#listensAt(address);
  }

  /** Counts one for a connection, until `release`; or says why it may not be. */
  admit(connection: Connection): ConnectFailure | undefined {
    if (connection.isRefused) return REFUSED;
    if (this.#isEnding) return ENDING;
    if (connection.expectedCount >= MAX_EXPECTED_BY_SESSION) return TOO_MANY_IN_SESSION;
    if (this.#count >= MAX_EXPECTED_BY_INSTANCE) return TOO_MANY_IN_INSTANCE;
    connection.expectedCount++;
    this.#count++;
    return undefined;
  }

  /** One that was admitted is over. */
  release(connection: Connection): void {
    connection.expectedCount--;
    this.#count--;
  }

  /** The instance ends: those that there are may still be met, and there are no new ones. */
  end(): void {
    this.#isEnding = true;
  }
}

const REFUSED: ConnectFailure = {
  reason: 'expect.refused',
  verdict: 'denied-by-policy',
  message: 'A session that is refused may not expect connections',
};

const ENDING: ConnectFailure = {
  reason: 'expect.instance-ending',
  verdict: 'denied-by-limit',
  message: 'The instance is ending: no more connections are expected',
};

const TOO_MANY_IN_SESSION: ConnectFailure = {
  reason: 'limit.session-expectations',
  verdict: 'denied-by-limit',
  message: `A session may expect ${MAX_EXPECTED_BY_SESSION} connections at once at most`,
};

const TOO_MANY_IN_INSTANCE: ConnectFailure = {
  reason: 'limit.expectations',
  verdict: 'denied-by-limit',
  message: `All sessions together may expect ${MAX_EXPECTED_BY_INSTANCE} connections at once at most`,
};
