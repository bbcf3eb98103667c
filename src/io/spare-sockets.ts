// Sockets whose connection is over, kept for the next one to the same server. The kernel lets a TCP socket go from one
// connection to another (connect(2), AF_UNSPEC), which saves it to make a socket, to set its options, to watch it and to
// close it. Only sockets are kept to which nothing was done, and nothing is cut off that the kernel still has to do.

import type { SocketAddress } from '../address/socket-address.ts';
import type { DescriptorBudget } from './descriptor-budget.ts';
import type { DescriptorHandler, Driver, Slot } from './driver.ts';
import {
  AF_UNSPEC,
  SOL_TCP,
  TCP_CLOSE,
  TCP_CLOSING,
  TCP_INFO,
  TCP_LAST_ACK,
  TCPI_OPT_TIMESTAMPS,
} from './linux-constants.ts';
import type { SystemCalls } from './socket-option.ts';

/** A socket that the driver watches, with the options of every plain server connection and no others. */
export interface PlainSocket {
  readonly descriptor: number;
  readonly slot: Slot;
  /**
   * Where it was connected to. It goes there again, and nowhere else: the kernel numbers the bytes of its next connection on
   * from those of the last one, and who knows these could guess the numbers of a connection that is none of his business
   * (RFC 6528).
   */
  readonly remote: SocketAddress;
}

/** The descriptors that spare sockets may take. */
export type SpareAccount = Pick<
  DescriptorBudget,
  'hasRoomToSpare' | 'take' | 'giveBack' | 'onShortage'
>;

/** What spare sockets need of the driver. */
export type SpareDriver = Pick<Driver, 'batch' | 'suspend' | 'resume' | 'forget'>;

// More than end in one batch of the driver, and few enough to look through.
const MAX_SPARES = 64;

// What was not needed for so long, or up to twice that, is closed.
const KEPT_IDLE_MS = 1_000;

// The kernel lets the buffers of a socket grow with what goes through it, and they stay so: no connection that never asked
// for it shall get those of a transfer in bulk.
const MAX_BYTES = 65_536;

const UNSPECIFIED_BYTES = 16; // struct sockaddr

// Places in the memory for parameters, and in struct tcp_info (uapi linux/tcp.h).
const LENGTH_AT = 0;
const INFO_AT = 8;
const OPTIONS_AT = INFO_AT + 5;
const BYTES_ACKED_AT = INFO_AT + 120;
const BYTES_RECEIVED_AT = INFO_AT + 128;
const INFO_BYTES = 136;

/**
 * How far a connection is that both sides have ended: the peer does not know all yet; it is over; or the socket is none
 * to keep.
 */
type EndState = 'ending' | 'over' | 'unfit';

/** One that is kept. Nobody but it hears of its descriptor. */
class Spare implements DescriptorHandler {
  readonly socket: PlainSocket;
  /** The last connection is not over yet; the kernel has still to tell of its end; or it may be taken. */
  state: 'ending' | 'disconnected' | 'ready' = 'ending';
  /** The batch of the driver in which it came to its state. */
  batch = 0;
  /** It was there already when idle ones were looked for the last time. */
  isOld = false;
  readonly #heard: (spare: Spare) => void;

  constructor(socket: PlainSocket, heard: (spare: Spare) => void) {
    this.socket = socket;
    this.#heard = heard;
  }

  ready(): void {
    this.#heard(this);
  }
}

/** The spare sockets of a driver. */
export class SpareSockets {
  readonly #calls: SystemCalls;
  readonly #driver: SpareDriver;
  readonly #account: SpareAccount;
  readonly #spares: Spare[] = [];
  readonly #heard = (spare: Spare): void => this.#goOn(spare);
  #isWatched = false;

  constructor(calls: SystemCalls, driver: SpareDriver, account: SpareAccount) {
    this.#calls = calls;
    this.#driver = driver;
    this.#account = account;
    account.onShortage(() => this.clear());
  }

  /** How many there are, also of those that cannot be taken yet. */
  get count(): number {
    return this.#spares.length;
  }

  /** Whether one more may be kept, if it is fit for it. */
  get hasRoom(): boolean {
    return this.#spares.length < MAX_SPARES && this.#account.hasRoomToSpare;
  }

  /** A socket that may be connected to a server, and whose events go to `handler` from now on; undefined: there is none. */
  take(remote: SocketAddress, handler: DescriptorHandler): PlainSocket | undefined {
    for (let at = this.#spares.length - 1; at >= 0; at--) {
      const spare = this.#spares[at];
      if (spare?.state !== 'ready' || !spare.socket.remote.equals(remote)) continue;
      this.#remove(at);
      this.#driver.resume(spare.socket.slot, spare, handler);
      this.#account.giveBack('spare');
      return spare.socket;
    }
    return undefined;
  }

  /** Keeps the socket of a connection that both sides have ended, instead of its handler. False: it is to be closed. */
  keep(socket: PlainSocket, handler: DescriptorHandler): boolean {
    if (!this.hasRoom) return false;
    const state = this.#endStateOf(socket);
    if (state === 'unfit') return false;
    const spare = new Spare(socket, this.#heard);
    if (state === 'over' && !this.#disconnect(spare)) return false;
    this.#driver.suspend(socket.slot, handler, spare);
    this.#account.take('spare');
    this.#spares.push(spare);
    if (!this.#isWatched) this.#lookLater();
    return true;
  }

  /** Closes all. */
  clear(): void {
    for (const spare of this.#spares.splice(0)) this.#close(spare);
  }

  /**
   * The driver has told something of a spare socket. The kernel tells of its disconnection too, and only when that is heard
   * is nothing left that its next user could take for news of his connection.
   */
  #goOn(spare: Spare): void {
    if (spare.batch === this.#driver.batch) return; // it may have happened before
    if (spare.state === 'disconnected') spare.state = 'ready';
    if (spare.state !== 'ending') return;
    const state = this.#endStateOf(spare.socket);
    if (state === 'ending' || (state === 'over' && this.#disconnect(spare))) return;
    this.#remove(this.#spares.indexOf(spare));
    this.#close(spare);
  }

  /** One call of the system says all. The kernel keeps TIME-WAIT without the socket, which is TCP_CLOSE then. */
  #endStateOf({ descriptor }: PlainSocket): EndState {
    const { libc, parameters } = this.#calls;
    const { address, bytes, words } = parameters;
    words[LENGTH_AT] = INFO_BYTES;
    const info = address + INFO_AT;
    const result = libc.getsockopt(descriptor, SOL_TCP, TCP_INFO, info, address + LENGTH_AT);
    if (result !== 0 || words[LENGTH_AT] !== INFO_BYTES) return 'unfit';
    // A server takes a new connection for an old one in TIME-WAIT when its numbers are lower, unless it has timestamps.
    if (((bytes[OPTIONS_AT] ?? 0) & TCPI_OPT_TIMESTAMPS) === 0) return 'unfit';
    const byteCount = this.#count(BYTES_ACKED_AT) + this.#count(BYTES_RECEIVED_AT);
    if (byteCount > MAX_BYTES) return 'unfit';
    const state = bytes[INFO_AT];
    if (state === TCP_CLOSE) return 'over';
    return state === TCP_LAST_ACK || state === TCP_CLOSING ? 'ending' : 'unfit';
  }

  /** A number of 64 bits in the information of a socket. */
  #count(at: number): number {
    const { view } = this.#calls.parameters;
    return view.getUint32(at, true) + 2 ** 32 * view.getUint32(at + 4, true);
  }

  #disconnect(spare: Spare): boolean {
    const { libc, parameters } = this.#calls;
    for (let word = 0; word < UNSPECIFIED_BYTES / 4; word++) parameters.words[word] = AF_UNSPEC;
    spare.state = 'disconnected';
    spare.batch = this.#driver.batch;
    return libc.connect(spare.socket.descriptor, parameters.address, UNSPECIFIED_BYTES) === 0;
  }

  #remove(at: number): void {
    const last = this.#spares.pop();
    if (last !== undefined && at < this.#spares.length) this.#spares[at] = last;
  }

  #close(spare: Spare): void {
    const { descriptor, slot } = spare.socket;
    this.#driver.resume(slot, spare, spare);
    this.#driver.forget(slot, spare);
    this.#calls.libc.close(descriptor);
    this.#account.giveBack('spare');
  }

  /** Closes what nobody has taken since it looked the last time. */
  #lookLater(): void {
    this.#isWatched = true;
    setTimeout(() => {
      this.#isWatched = false;
      for (const spare of this.#spares.splice(0)) {
        if (spare.isOld) this.#close(spare);
        else this.#spares.push(spare);
        spare.isOld = true;
      }
      if (this.#spares.length > 0) this.#lookLater();
    }, KEPT_IDLE_MS).unref();
  }
}
