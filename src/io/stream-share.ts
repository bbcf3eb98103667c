// What all streams of a driver share, so that one that is idle has next to nothing of its own.

import type { DescriptorBudget } from './descriptor-budget.ts';
import { Driver } from './driver.ts';
import { PipePool } from './pipe-pool.ts';
import { GatheredWrites } from './gathered-writes.ts';
import type { GuardedMemory } from './guarded-memory.ts';
import { allocateGuarded } from './guarded-memory.ts';
import type { Libc } from './libc.ts';
import { ReadTurn } from './read-turn.ts';
import { SpareSockets } from './spare-sockets.ts';
import { ChunkPool } from './write-queue.ts';

/**
 * How much is read at once. A transfer in bulk costs less with more, up to what the caches of a processor hold; what a
 * slow peer does not take of it waits in the queue of its stream.
 */
export const READ_BYTES = 131_072;

// Messages of one kind are of few lengths, and a view costs as much as copying a kilobyte.
const RECENT_VIEWS = 256;

/** Below this, copying bytes that the kernel could take from where they are is cheaper than a call of their own. */
export const MIN_DIRECT_BYTES = 16_384;

/** The driver, the descriptors that may be used, and memory for bytes on their way. */
export class StreamShare {
  readonly libc: Libc;
  readonly driver: Driver;
  readonly budget: DescriptorBudget;
  /** Where every stream reads to: its bytes are lent until the listener returns. */
  readonly incoming: GuardedMemory;
  readonly gathered: GatheredWrites;
  readonly turn = new ReadTurn(READ_BYTES);
  /** For bytes that are moved from stream to stream. */
  readonly pipes: PipePool;
  readonly chunks: ChunkPool;
  /** Sockets between two connections to servers. */
  readonly spares: SpareSockets;
  /** For the parameters of system calls. Valid for one call. */
  readonly parameters: GuardedMemory;
  readonly #views: Buffer[] = [];

  /** Throws a SystemCallError when the system has no descriptor or memory for it. */
  constructor(libc: Libc, budget: DescriptorBudget) {
    this.libc = libc;
    this.driver = new Driver(libc);
    this.budget = budget;
    this.incoming = allocateGuarded(libc, READ_BYTES);
    this.gathered = new GatheredWrites(libc, () => this.driver.endBatchSoon());
    this.driver.atBatchEnd({ run: () => this.gathered.flush() });
    this.pipes = new PipePool(libc, budget);
    this.chunks = new ChunkPool(libc);
    this.parameters = allocateGuarded(libc, 1);
    this.spares = new SpareSockets(this, this.driver, budget);
  }

  /** The first bytes of the memory where streams read to. Views of lengths that came lately are not made again. */
  incomingOf(length: number): Buffer {
    const slot = length % RECENT_VIEWS;
    const recent = this.#views[slot];
    if (recent?.length === length) return recent;
    const { buffer, byteOffset } = this.incoming.bytes;
    const view = Buffer.from(buffer, byteOffset, length);
    this.#views[slot] = view;
    return view;
  }
}
