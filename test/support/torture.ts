// Transfers of any size through a plug, compared byte for byte: whole ones, half-closed ones, stalled ones, and ones
// that are reset on the way.
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { randomBytes } from './stream-scenario.ts';

/** What happens to one connection. Each side sends its bytes, then ends. */
export interface Transfer {
  readonly id: number;
  /** Bytes from the client, and from the server. */
  readonly up: number;
  readonly down: number;
  /**
   * `whole`: both at once. `half`: the server answers when the client has ended. `stall`: both stop reading now and then.
   * `reset`: the client resets when it has sent half.
   */
  readonly kind: 'whole' | 'half' | 'stall' | 'reset';
}

/** How a side saw its connection: what it sent, how much was right of what came, and how it ended. */
export interface Sight {
  received: number;
  /** Where the first wrong byte was. */
  wrongAt?: number;
  ended?: string;
}

// A length that is no multiple of anything that buffers are made of, so that a piece in the wrong place shows.
const PATTERN = randomBytes(1_048_576).subarray(0, 1_048_573);
const HEADER_BYTES = 4;
const MAX_WRITE = 300_000;

/** Random numbers, the same for one seed. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** An integer below `count`. */
  roll(count: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * count);
  }

  /** A size between a byte and `most`, as often small as large. */
  size(most: number): number {
    return Math.max(1, Math.floor(2 ** (this.roll(1000 * Math.log2(most)) / 1000)));
  }
}

/** Transfers that come to a number of bytes in all. */
export function planTransfers(totalBytes: number, mostBytes: number, dice: Dice): Transfer[] {
  const kinds = ['whole', 'half', 'stall', 'reset'] as const;
  const transfers: Transfer[] = [];
  for (let planned = 0; planned < totalBytes;) {
    const [up, down] = [dice.size(mostBytes), dice.size(mostBytes)];
    const kind = kinds[dice.roll(kinds.length)] ?? 'whole';
    transfers.push({ id: transfers.length, up, down, kind });
    planned += up + down;
  }
  return transfers;
}

/** One side of a transfer: sends its pattern, and compares what comes with that of the other side. */
export class Side {
  readonly sight: Sight = { received: 0 };
  readonly socket: Socket;
  readonly #sends: number;
  readonly #offsets: { readonly own: number; readonly far: number };
  readonly #dice: Dice;
  #sent = 0;

  constructor(socket: Socket, sends: number, offsets: { own: number; far: number }, dice: Dice) {
    this.socket = socket;
    this.#sends = sends;
    this.#offsets = offsets;
    this.#dice = dice;
  }

  /** Sends `most` bytes of what there is, in pieces of any size, then calls. */
  send(most: number, then: () => void): void {
    const { socket } = this;
    const go = (): void => {
      while (this.#sent < Math.min(most, this.#sends)) {
        const at = (this.#offsets.own + this.#sent) % PATTERN.length;
        const left = Math.min(most, this.#sends) - this.#sent;
        const length = Math.min(1 + this.#dice.roll(MAX_WRITE), left, PATTERN.length - at);
        this.#sent += length;
        if (!socket.write(PATTERN.subarray(at, at + length))) {
          socket.once('drain', go);
          return;
        }
      }
      then();
    };
    go();
  }

  /** Compares bytes that came. */
  take(bytes: Buffer): void {
    for (let done = 0; done < bytes.length;) {
      const at = (this.#offsets.far + this.sight.received) % PATTERN.length;
      const length = Math.min(bytes.length - done, PATTERN.length - at);
      const isRight = PATTERN.compare(bytes, done, done + length, at, at + length) === 0;
      if (!isRight) this.sight.wrongAt ??= this.sight.received;
      this.sight.received += length;
      done += length;
    }
  }

  /** Stops reading now and then, for a few milliseconds. */
  stall(): void {
    if (this.#dice.roll(8) !== 0) return;
    this.socket.pause();
    setTimeout(() => this.socket.resume(), 1 + this.#dice.roll(20));
  }

  /** Resolves when the connection is gone. */
  done(): Promise<Sight> {
    const { socket, sight } = this;
    return new Promise((resolve) => {
      socket.on('end', () => (sight.ended ??= 'end'));
      socket.on('error', (error: NodeJS.ErrnoException) => (sight.ended ??= error.code ?? 'error'));
      socket.on('close', () => resolve(sight));
    });
  }
}

/** Runs the server's side: the first bytes name the transfer. */
export function answerTransfers(
  transfers: readonly Transfer[],
  seen: (transfer: Transfer, sight: Sight) => void,
): (socket: Socket) => void {
  return (socket) => {
    socket.once('readable', function look(): void {
      const header = socket.read(HEADER_BYTES) as Buffer | null;
      if (header === null) {
        if (socket.readableEnded) socket.end();
        else socket.once('readable', look);
        return;
      }
      const transfer = transfers[header.readUInt32BE()];
      if (transfer === undefined) throw new Error('A header came out changed');
      const { id, down, kind } = transfer;
      const side = new Side(socket, down, { own: id * 7919, far: id * 104_729 }, new Dice(id + 1));
      const isWaiting = kind === 'half';
      if (!isWaiting) side.send(Infinity, () => socket.end());
      socket.on('data', (bytes: Buffer) => {
        side.take(bytes);
        if (kind === 'stall') side.stall();
      });
      socket.on('end', () => {
        if (isWaiting) side.send(Infinity, () => socket.end());
      });
      void side.done().then((sight) => seen(transfer, sight));
    });
  };
}

/** Runs the client's side. */
export function runTransfer(port: number, { id, up, kind }: Transfer): Promise<Sight> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  const side = new Side(socket, up, { own: id * 104_729, far: id * 7919 }, new Dice(id + 2));
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(id);
  socket.write(header);
  if (kind === 'reset') side.send(Math.ceil(up / 2), () => socket.resetAndDestroy());
  else side.send(Infinity, () => socket.end());
  socket.on('data', (bytes) => {
    side.take(bytes);
    if (kind === 'stall') side.stall();
  });
  return side.done();
}
