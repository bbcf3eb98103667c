// Sockets whose connection is over, kept for the next one. The kernel lets a TCP socket go from one connection to another
// (connect(2), AF_UNSPEC), which saves it to make a socket, to set its options, to watch it and to close it: a tenth of what
// a short connection costs. Only sockets that nothing was done to are kept, and only when the kernel has nothing left to do
// for their last connection: what it has sent is acknowledged, and so is its end.

import type { DescriptorBudget } from './descriptor-budget.ts';
import type { DescriptorHandler, Driver, Slot } from './driver.ts';
import { AF_UNSPEC, SOL_TCP, TCP_CLOSE, TCP_INFO } from './linux-constants.ts';
import type { SystemCalls } from './socket-option.ts';

/** A socket that is not connected, is watched by the driver, and has the options of a plain server connection. */
export interface SpareSocket {
  readonly descriptor: number;
  readonly slot: Slot;
  /** Of its address: AF_INET or AF_INET6. */
  readonly family: number;
}

/** The descriptors that spare sockets may take. */
export type SpareAccount = Pick<DescriptorBudget, 'hasRoomToSpare' | 'take' | 'giveBack'>;

// Those that end in one batch of the driver and begin in the next.
const MAX_SPARES = 64;

// As with pipes: what was not needed for so long is closed.
const KEPT_IDLE_MS = 1_000;

const UNSPECIFIED_BYTES = 16; // struct sockaddr

/** What the driver tells of a socket that nobody uses: nothing that anybody wants to know. */
const NOBODY: DescriptorHandler = { ready: () => undefined };

/** A stack of spare sockets: the last one that was used is the warmest. */
export class SpareSockets {
  readonly #calls: SystemCalls;
  readonly #driver: Driver;
  readonly #account: SpareAccount;
  readonly #ready: SpareSocket[] = [];
  /** The batch that is under way may have events of their last connection. */
  readonly #cooling: SpareSocket[] = [];
  #isUsed = false;
  #isWatched = false;

  constructor(calls: SystemCalls, driver: Driver, account: SpareAccount) {
    this.#calls = calls;
    this.#driver = driver;
    this.#account = account;
    driver.atBatchEnd({ run: () => this.#cool() });
  }

  /** How many there are. */
  get count(): number {
    return this.#ready.length + this.#cooling.length;
  }

  /** A socket of a family, whose events go to `handler` from now on; undefined: there is none. */
  take(family: number, handler: DescriptorHandler): SpareSocket | undefined {
    const { length } = this.#ready;
    for (let at = length - 1; at >= 0; at--) {
      const spare = this.#ready[at];
      if (spare?.family !== family) continue;
      if (at === length - 1) this.#ready.pop();
      else this.#ready.splice(at, 1);
      this.#isUsed = true;
      this.#account.giveBack('spare');
      this.#driver.resume(spare.slot, handler);
      return spare;
    }
    return undefined;
  }

  /** Keeps a socket whose connection is over. False: it is left as it is, to be closed. */
  keep(spare: SpareSocket, handler: DescriptorHandler): boolean {
    if (this.count >= MAX_SPARES || !this.#account.hasRoomToSpare) return false;
    if (!this.#isOver(spare.descriptor) || !this.#disconnect(spare.descriptor)) return false;
    this.#driver.suspend(spare.slot, handler, NOBODY);
    this.#account.take('spare');
    this.#cooling.push(spare);
    this.#driver.endBatchSoon();
    if (!this.#isWatched) this.#lookLater();
    return true;
  }

  /** Closes all. */
  clear(): void {
    this.#cool();
    for (const { descriptor, slot } of this.#ready.splice(0)) {
      this.#driver.resume(slot, NOBODY);
      this.#driver.forget(slot, NOBODY);
      this.#calls.libc.close(descriptor);
      this.#account.giveBack('spare');
    }
  }

  /** Whether the kernel is done with the connection; it keeps TIME-WAIT without the socket. */
  #isOver(descriptor: number): boolean {
    const { libc, parameters } = this.#calls;
    const { address, words, bytes } = parameters;
    words[0] = 1; // of struct tcp_info, the state is the first byte
    const result = libc.getsockopt(descriptor, SOL_TCP, TCP_INFO, address + 4, address);
    return result === 0 && bytes[4] === TCP_CLOSE;
  }

  #disconnect(descriptor: number): boolean {
    const { libc, parameters } = this.#calls;
    parameters.bytes.fill(0, 0, UNSPECIFIED_BYTES);
    parameters.view.setUint16(0, AF_UNSPEC, true);
    return libc.connect(descriptor, parameters.address, UNSPECIFIED_BYTES) === 0;
  }

  #cool(): void {
    if (this.#cooling.length > 0) this.#ready.push(...this.#cooling.splice(0));
  }

  /** Closes what lies idle when none was taken meanwhile; otherwise it looks again. */
  #lookLater(): void {
    this.#isWatched = true;
    setTimeout(() => {
      this.#isWatched = false;
      if (!this.#isUsed) this.clear();
      this.#isUsed = false;
      if (this.count > 0) this.#lookLater();
    }, KEPT_IDLE_MS).unref();
  }
}
