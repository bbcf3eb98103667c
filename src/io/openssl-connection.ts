// One connection of OpenSSL: bytes of TLS in and out, and what is inside of them. It knows neither streams nor time.

import type { GuardedMemory } from './guarded-memory.ts';
import { addressOf } from './guarded-memory.ts';
import * as constants from './openssl-constants.ts';
import type { OpenSslContext } from './openssl-context.ts';
import { takeError } from './openssl-error.ts';
import type { OpenSslError } from './openssl-error.ts';
import type { CallbackTaker, OpenSslShare } from './openssl-share.ts';
import { WRITTEN_BYTES } from './openssl-share.ts';

/** What a handshake with a server begins with. */
export interface ServerHandshake {
  /** The server that is asked for (SNI). */
  readonly serverName: string | undefined;
  /** A session that it gave, to be resumed. */
  readonly session: Uint8Array | undefined;
  /** Whether it is asked to staple an answer of OCSP. */
  readonly asksStaple: boolean;
}

/** How far the peer is: it may say more, it has ended with the closing alert, or TLS is broken. */
export type PeerState = 'open' | 'ended' | 'failed';

/**
 * A connection. Whatever it does leaves nothing in the memory that it shares: after each call what is to go out is taken by
 * `OpenSslShare.takeOutgoing`. After `free` nothing may be called.
 */
export class OpenSslConnection implements CallbackTaker {
  readonly #share: OpenSslShare;
  readonly #context: OpenSslContext;
  readonly #ssl: number;
  #state: PeerState = 'open';
  #error: OpenSslError | undefined;
  #unwritten: Uint8Array | undefined;
  #isEndDue = false;
  #given: Buffer[] | undefined;

  /** Begins with a client, or with the server that is given. @throws OpenSslError for a session or name that cannot be used. */
  constructor(share: OpenSslShare, context: OpenSslContext, server?: ServerHandshake) {
    const { openSsl } = share;
    this.#share = share;
    this.#context = context;
    openSsl.ERR_clear_error();
    this.#ssl = openSsl.SSL_new(context.pointer);
    if (this.#ssl === 0) throw takeError(openSsl);
    // Each connection has a part in them, which it gives back.
    openSsl.BIO_up_ref(share.incoming);
    openSsl.SSL_set0_rbio(this.#ssl, share.incoming);
    openSsl.BIO_up_ref(share.outgoing);
    openSsl.SSL_set0_wbio(this.#ssl, share.outgoing);
    if (server === undefined) openSsl.SSL_set_accept_state(this.#ssl);
    else this.#beginWith(server);
  }

  #beginWith({ serverName, session, asksStaple }: ServerHandshake): void {
    const { openSsl } = this.#share;
    openSsl.SSL_set_connect_state(this.#ssl);
    if (serverName !== undefined) this.#setServerName(serverName);
    if (asksStaple)
      this.#control(
        constants.SSL_CTRL_SET_TLSEXT_STATUS_REQ_TYPE,
        constants.TLSEXT_STATUSTYPE_ocsp,
      );
    if (session !== undefined) this.#setSession(session);
  }

  /** What has broken TLS; undefined: nothing. */
  get error(): OpenSslError | undefined {
    return this.#error;
  }

  get state(): PeerState {
    return this.#state;
  }

  /** Goes on with the handshake as far as what was put in leads. False: it is not over, or has failed. */
  handshake(): boolean {
    const { openSsl } = this.#share;
    openSsl.ERR_clear_error();
    this.#share.callsBack(this);
    const result = openSsl.SSL_do_handshake(this.#ssl);
    this.#share.callsBack(undefined);
    if (result === 1) return true;
    this.#stopped(result);
    if (this.#state === 'ended') this.#fail(); // a closing alert in the middle of it
    return false;
  }

  /** Decrypts all that was put in, to the beginning of this memory; how much that is. See `state` for what comes after it. */
  read(memory: GuardedMemory): number {
    this.#share.callsBack(this);
    const filled = this.#decrypt(memory);
    this.#share.callsBack(undefined);
    if (this.isStuck) this.#writeAgain();
    return filled;
  }

  #decrypt({ address, bytes }: GuardedMemory): number {
    const { openSsl } = this.#share;
    openSsl.ERR_clear_error();
    let filled = 0;
    for (;;) {
      const length = openSsl.SSL_read(this.#ssl, address + filled, bytes.length - filled);
      if (length <= 0) {
        this.#stopped(length);
        return filled;
      }
      filled += length;
    }
  }

  /**
   * Whether what was written waits for the peer: where a message of the handshake has come in part, such as a ticket in several
   * records, OpenSSL writes nothing before the rest of it. `read` writes it then.
   */
  get isStuck(): boolean {
    return this.#unwritten !== undefined;
  }

  /** Whether a record has come in part: what that will say nobody knows yet. */
  get isWithinRecord(): boolean {
    const { openSsl } = this.#share;
    // Of a record whose head alone has come nothing is pending.
    if (openSsl.SSL_has_pending(this.#ssl) === 1) return true;
    return openSsl.SSL_rstate_string(this.#ssl) === READING_BODY;
  }

  /** Encrypts bytes, at most so many as are encrypted at once; what must wait is copied. */
  write(bytes: Uint8Array): void {
    if (this.isStuck || !this.#encrypt(bytes)) this.#keep(bytes);
  }

  /** Says that nothing more is written. */
  end(): void {
    this.#isEndDue = this.isStuck || !this.#shutDown();
    if (this.#isEndDue) this.#keep(NOTHING);
  }

  #encrypt(bytes: Uint8Array): boolean {
    const { openSsl } = this.#share;
    openSsl.ERR_clear_error();
    const address = addressOf(bytes) ?? this.#share.copyIn(bytes);
    const length = Math.min(bytes.length, WRITTEN_BYTES);
    const written = openSsl.SSL_write(this.#ssl, address, length);
    if (written === length) return true; // memory takes all of it at once
    this.#stopped(written);
    return false;
  }

  #keep(bytes: Uint8Array): void {
    this.#unwritten = Buffer.concat([this.#unwritten ?? NOTHING, bytes]);
  }

  /** False: not in the middle of a message of the handshake. */
  #shutDown(): boolean {
    const { openSsl } = this.#share;
    openSsl.ERR_clear_error();
    const isDone = openSsl.SSL_shutdown(this.#ssl) >= 0;
    openSsl.ERR_clear_error();
    return isDone;
  }

  /** Writes what had to wait, unless it has to wait longer. It waits in vain where nothing more comes. */
  #writeAgain(): void {
    let rest = this.#unwritten ?? NOTHING;
    while (rest.length > 0 && this.#encrypt(rest)) rest = rest.subarray(WRITTEN_BYTES);
    const isOver = rest.length === 0 && (!this.#isEndDue || this.#shutDown());
    this.#unwritten = isOver ? undefined : rest;
    if (!isOver && this.#state === 'ended') this.#fail();
  }

  /** `TLSv1.3` and so on. */
  get version(): string {
    return this.#share.openSsl.SSL_get_version(this.#ssl) ?? '';
  }

  get cipher(): string {
    const { openSsl } = this.#share;
    return openSsl.SSL_CIPHER_get_name(openSsl.SSL_get_current_cipher(this.#ssl)) ?? '';
  }

  /** The server that the client asks for, as it wrote it. */
  get serverName(): string | undefined {
    const { SSL_get_servername: ask } = this.#share.openSsl;
    return ask(this.#ssl, constants.TLSEXT_NAMETYPE_host_name) ?? undefined;
  }

  /** What ALPN came to. */
  get applicationProtocol(): string | undefined {
    const { openSsl } = this.#share;
    const { address, view } = openSsl.parameters;
    openSsl.SSL_get0_alpn_selected(this.#ssl, address, address + POINTER_BYTES);
    const length = view.getUint32(POINTER_BYTES, true);
    if (length === 0) return undefined;
    return this.#copyOf(Number(view.getBigUint64(0, true)), length).toString();
  }

  get isResumed(): boolean {
    return this.#share.openSsl.SSL_session_reused(this.#ssl) === 1;
  }

  /** What OpenSSL found about the chain of the peer: a number of x509_vfy.h. */
  get verifyResult(): number {
    return this.#share.openSsl.SSL_get_verify_result(this.#ssl);
  }

  /** Whether OpenSSL has checked the chain at all: if it could not even begin to, its result says that nothing is wrong. */
  get isChecked(): boolean {
    return this.#share.openSsl.SSL_get0_verified_chain(this.#ssl) !== 0;
  }

  /** The certificates of the peer in DER, its own first, as far as its issuers are known. Empty: it has shown none. */
  chain(): readonly Buffer[] {
    const { openSsl } = this.#share;
    const own = openSsl.SSL_get0_peer_certificate(this.#ssl);
    if (own === 0) return [];
    const stack = openSsl.SSL_get0_verified_chain(this.#ssl);
    const count = stack === 0 ? 0 : openSsl.OPENSSL_sk_num(stack);
    const chain = Array.from({ length: count }, (_, at) => openSsl.OPENSSL_sk_value(stack, at));
    return (chain.length === 0 ? [own] : chain).map((one) => this.#encode(openSsl.i2d_X509, one));
  }

  /** The answer of OCSP that the server has stapled. */
  get staple(): Buffer | undefined {
    const { openSsl } = this.#share;
    const { address, view } = openSsl.parameters;
    const length = this.#control(constants.SSL_CTRL_GET_TLSEXT_STATUS_REQ_OCSP_RESP, 0, address);
    if (length <= 0 || length > MAX_STAPLE_BYTES) return undefined;
    return this.#copyOf(Number(view.getBigUint64(0, true)), length);
  }

  /** The latest session that the server has given and nobody has asked for; undefined: there is none, at least not yet. */
  session(): Buffer | undefined {
    return this.#given?.pop();
  }

  get protocols(): Uint8Array {
    return this.#context.protocols;
  }

  /** A session that is too long is not kept. */
  isGiven(session: number): void {
    const { i2d_SSL_SESSION: encode, parameters } = this.#share.openSsl;
    const isShort = encode(session, 0) <= parameters.bytes.length - POINTER_BYTES;
    const given = (this.#given ??= []);
    if (isShort && given.length < MAX_GIVEN) given.push(this.#encode(encode, session));
  }

  free(): void {
    this.#share.openSsl.SSL_free(this.#ssl);
  }

  /** A call has brought no more: why. */
  #stopped(result: number): void {
    const { openSsl } = this.#share;
    const error = openSsl.SSL_get_error(this.#ssl, result);
    if (error === constants.SSL_ERROR_WANT_READ) return;
    if (error === constants.SSL_ERROR_ZERO_RETURN) this.#state = 'ended';
    else this.#fail();
    this.#share.clear();
  }

  #fail(): void {
    this.#state = 'failed';
    const error = takeError(this.#share.openSsl);
    this.#error ??= error; // whatever is tried afterwards fails too, without saying why
  }

  #setServerName(name: string): void {
    const { bytes, address } = this.#share.openSsl.parameters;
    bytes.set(Buffer.from(`${name}\0`, 'latin1'));
    const { SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name } = constants;
    this.#must(this.#control(SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, address));
  }

  #setSession(encoded: Uint8Array): void {
    const { openSsl } = this.#share;
    const { bytes, view, address } = openSsl.parameters;
    bytes.set(encoded, POINTER_BYTES);
    view.setBigUint64(0, BigInt(address + POINTER_BYTES), true);
    const session = this.#must(openSsl.d2i_SSL_SESSION(0, address, encoded.length));
    const result = openSsl.SSL_set_session(this.#ssl, session);
    openSsl.SSL_SESSION_free(session); // the connection has its own part in it
    this.#must(result);
  }

  /** Has OpenSSL write an object in DER. */
  #encode(encode: (object: number, to: number) => number, object: number): Buffer {
    const { bytes, view, address } = this.#share.openSsl.parameters;
    const length = encode(object, 0);
    if (length <= 0 || length > bytes.length - POINTER_BYTES) throw new Error(TOO_LONG);
    view.setBigUint64(0, BigInt(address + POINTER_BYTES), true);
    encode(object, address);
    return Buffer.from(bytes.subarray(POINTER_BYTES, POINTER_BYTES + length));
  }

  /** A copy of what OpenSSL has at an address. */
  #copyOf(address: number, length: number): Buffer {
    return Buffer.from(new Uint8Array(this.#share.openSsl.libc.view(address, length)));
  }

  #control(command: number, number: number, argument = 0): number {
    return this.#share.openSsl.SSL_ctrl(this.#ssl, command, number, argument);
  }

  #must(result: number): number {
    if (result > 0) return result;
    const error = takeError(this.#share.openSsl);
    this.free();
    throw error;
  }
}

const NOTHING: Uint8Array = new Uint8Array();
const POINTER_BYTES = 8;
const READING_BODY = 'RB'; // SSL_rstate_string(3)
// A server gives two, as a rule; one that gives thousands shall not fill the memory.
const MAX_GIVEN = 8;
// As the longest message of a handshake (SSL_CTX_set_max_cert_list(3)).
const MAX_STAPLE_BYTES = 102_400;
const TOO_LONG = 'A certificate of the peer is longer than 128 KiB';
