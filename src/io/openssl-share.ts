// What all connections of OpenSSL share: the memory through which bytes go in and come out. Each of them empties it
// before it calls anybody, so that one that is idle has no buffers, and none sees the bytes of another one.

import type { GuardedMemory } from './guarded-memory.ts';
import { addressOf, allocateGuarded } from './guarded-memory.ts';
import * as constants from './openssl-constants.ts';
import { OpenSslContexts } from './openssl-context.ts';
import { takeError } from './openssl-error.ts';
import type { OpenSsl } from './openssl.ts';

/** What is decrypted at once: as much as the driver reads. */
export const TAKEN_BYTES = 131_072;

/** The longest text of a record (RFC 8446, 5.1): one may have come in part before. */
const RECORD_BYTES = 16_384;

/** What is encrypted at once: with what encryption adds, it finds room in the memory for what goes out. */
export const WRITTEN_BYTES = 65_536;

const OUTGOING_BYTES = 131_072;

/** What decrypts all that was put, to the beginning of this memory; how much that is. */
interface Decrypting {
  read(memory: GuardedMemory): number;
}

/** A connection as callbacks know it. They must not throw. */
export interface CallbackTaker {
  /** What the side of clients accepts, as it is written on the wire. */
  readonly protocols: Uint8Array;
  /** The server gives a session. */
  isGiven(session: number): void;
}

/** OpenSSL with memory for connections. */
export class OpenSslShare {
  readonly openSsl: OpenSsl;
  readonly contexts: OpenSslContexts;
  /** Takes what comes in. */
  readonly incoming: number;
  /** Has what is to go out. */
  readonly outgoing: number;
  /** Where bytes are decrypted to. */
  readonly #plain: GuardedMemory;
  /** The same while that is lent: TLS inside of TLS. */
  readonly #spare: GuardedMemory;
  #isLent = false;
  /** Where bytes are copied that lie elsewhere. Valid for one call. */
  readonly #staging: GuardedMemory;
  readonly #outgoingMemory: GuardedMemory;
  /** Whose call of OpenSSL is under way. */
  #caller: CallbackTaker | undefined;

  /** Throws an Error when there is no memory. */
  constructor(openSsl: OpenSsl) {
    this.openSsl = openSsl;
    const asked = (...parameters: number[]): number => this.#chooseProtocol(parameters);
    const given = (_ssl: number, session: number): number => this.#isGiven(session);
    this.contexts = new OpenSslContexts(openSsl, {
      protocolAsked: openSsl.callback('OpenSslProtocolAsked', asked),
      sessionGiven: openSsl.callback('OpenSslSessionGiven', given),
    });
    this.incoming = this.#newMemory();
    this.outgoing = this.#newMemory();
    this.#plain = allocateGuarded(openSsl.libc, TAKEN_BYTES + RECORD_BYTES);
    this.#spare = allocateGuarded(openSsl.libc, TAKEN_BYTES + RECORD_BYTES);
    this.#staging = allocateGuarded(openSsl.libc, TAKEN_BYTES);
    this.#outgoingMemory = allocateGuarded(openSsl.libc, OUTGOING_BYTES);
  }

  /** Puts bytes where a connection reads them. They are copied, and at most so many as are decrypted at once. */
  put(bytes: Uint8Array): void {
    const { openSsl } = this;
    const address = addressOf(bytes) ?? this.copyIn(bytes);
    if (openSsl.BIO_write(this.incoming, address, bytes.length) !== bytes.length)
      throw takeError(openSsl);
  }

  /** Copies bytes to where OpenSSL reads them from; their address. They must fit. */
  copyIn(bytes: Uint8Array): number {
    this.#staging.bytes.set(bytes);
    return this.#staging.address;
  }

  /** What was put there and has not been read; afterwards there is nothing. */
  takeBack(): Uint8Array {
    return this.#take(this.incoming);
  }

  /** What is to go out; afterwards nothing is. Valid until the next call of a connection, and empty if there is nothing. */
  takeOutgoing(): Uint8Array {
    return this.#take(this.outgoing);
  }

  /**
   * What a connection decrypts of what was put. It lies in memory that is shared, so it is handed on by `lend`; while
   * somebody else has that lent, it is a copy.
   */
  decrypted(connection: Decrypting): Uint8Array {
    const memory = this.#isLent ? this.#spare : this.#plain;
    const length = connection.read(memory);
    if (length === 0) return NOTHING;
    const bytes = memory.bytes.subarray(0, length);
    return this.#isLent ? Buffer.from(bytes) : bytes;
  }

  /** Lends what was decrypted until `use` returns. */
  lend(bytes: Uint8Array, use: () => void): void {
    const wasLent = this.#isLent;
    this.#isLent ||= bytes.buffer === this.#plain.bytes.buffer;
    try {
      use();
    } finally {
      this.#isLent = wasLent;
    }
  }

  /** Forgets what a connection has left that has failed. */
  clear(): void {
    this.openSsl.BIO_ctrl(this.incoming, constants.BIO_CTRL_RESET, 0, 0);
  }

  /** What OpenSSL calls back from now on is for this connection; undefined: its call is over. */
  callsBack(caller: CallbackTaker | undefined): void {
    this.#caller = caller;
  }

  #take(bio: number): Uint8Array {
    const { address, bytes } = this.#outgoingMemory;
    let all = NOTHING;
    for (;;) {
      const length = this.openSsl.BIO_read(bio, address, bytes.length);
      if (length <= 0) return all;
      const read = bytes.subarray(0, length);
      if (all === NOTHING && length < bytes.length) return read;
      all = Buffer.concat([all, read]);
    }
  }

  #newMemory(): number {
    const { openSsl } = this;
    const bio = openSsl.BIO_new(openSsl.BIO_s_mem());
    if (bio === 0) throw takeError(openSsl);
    return bio;
  }

  /** OpenSSL keeps its session: what is handed on are bytes. */
  #isGiven(session: number): number {
    this.#caller?.isGiven(session);
    return 0;
  }

  /** The first of ours that the client has, too; none ends the handshake (RFC 7301, 3.2). OpenSSL copies what is chosen. */
  #chooseProtocol([, out = 0, outLength = 0, theirs = 0, theirLength = 0]: number[]): number {
    const { bytes, address } = this.openSsl.parameters;
    const { protocols } = this.#caller ?? { protocols: NOTHING };
    bytes.set(protocols);
    const { length } = protocols;
    const found = this.openSsl.SSL_select_next_proto(
      out,
      outLength,
      address,
      length,
      theirs,
      theirLength,
    );
    return found === constants.OPENSSL_NPN_NEGOTIATED
      ? constants.SSL_TLSEXT_ERR_OK
      : constants.SSL_TLSEXT_ERR_ALERT_FATAL;
  }
}

const NOTHING: Uint8Array = new Uint8Array();
