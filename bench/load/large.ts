// The load of large answers: every byte is counted, and the ends of every chunk are checked.

import { connect } from 'node:net';
import { isPattern, LARGE_BYTES } from '../content.ts';

// Fewer and larger reads, so that the client leaves more of a small machine to the proxy.
const READ_BYTES = 256 * 1024;
const MAX_HEAD_BYTES = 4096;

/** How much is to be done, and to whom. */
export interface LargeLoad {
  readonly port: number;
  /** How many large answers, each over its own connection. */
  readonly count: number;
  /** How many of them at the same time. */
  readonly connections: number;
  readonly hasAddedField: boolean;
  readonly signal: AbortSignal;
}

/** Fetches so many large answers. */
export async function fetchLarge(load: LargeLoad): Promise<void> {
  let left = load.count;
  const oneAfterTheOther = async (): Promise<void> => {
    while (left-- > 0) await fetchOne(load);
  };
  await Promise.all(Array.from({ length: load.connections }, oneAfterTheOther));
}

function fetchOne({ port, hasAddedField, signal }: LargeLoad): Promise<void> {
  return new Promise((resolve, reject) => {
    const answer = new LargeAnswer(hasAddedField);
    const socket = connect({
      port,
      host: '127.0.0.1',
      onread: {
        buffer: Buffer.allocUnsafe(READ_BYTES),
        callback: (length, buffer) => {
          try {
            answer.take(Buffer.from(buffer.buffer, buffer.byteOffset, length));
          } catch (error) {
            socket.destroy(error instanceof Error ? error : new Error(String(error)));
          }
          if (answer.isWhole) socket.end();
          return true;
        },
      },
    });
    const giveUp = (): void => {
      socket.destroy(new Error('Out of time'));
    };
    socket.write('GET /large HTTP/1.1\r\nHost: bench.example\r\nAccept: */*\r\n\r\n');
    socket.once('error', reject);
    socket.once('close', () => {
      signal.removeEventListener('abort', giveUp);
      if (answer.isWhole) resolve();
      else reject(new Error(`Closed after ${answer.received} of ${LARGE_BYTES} bytes`));
    });
    signal.addEventListener('abort', giveUp);
  });
}

class LargeAnswer {
  readonly #hasAddedField: boolean;
  #head: Buffer | undefined = Buffer.alloc(0);
  received = 0;

  constructor(hasAddedField: boolean) {
    this.#hasAddedField = hasAddedField;
  }

  get isWhole(): boolean {
    return this.received === LARGE_BYTES;
  }

  take(chunk: Buffer): void {
    if (this.#head === undefined) this.#takeBody(chunk);
    else this.#takeHead(Buffer.concat([this.#head, chunk]));
  }

  #takeHead(bytes: Buffer): void {
    const end = bytes.indexOf('\r\n\r\n');
    if (end < 0 && bytes.length > MAX_HEAD_BYTES) throw new Error('The head does not end');
    this.#head = end < 0 ? bytes : undefined;
    if (end < 0) return;
    const head = bytes.toString('latin1', 0, end + 2);
    if (!head.startsWith('HTTP/1.1 200 ')) throw new Error(`Wrong status: ${head.slice(0, 40)}`);
    if (this.#hasAddedField !== /\r\nx-seen: added\r\n/i.test(head))
      throw new Error('The added field is missing, or where none belongs');
    if (bytes.length > end + 4) this.#takeBody(bytes.subarray(end + 4));
  }

  #takeBody(bytes: Buffer): void {
    if (!isPattern(bytes, this.received))
      throw new Error(`Wrong bytes from ${this.received} to ${this.received + bytes.length}`);
    this.received += bytes.length;
    if (this.received > LARGE_BYTES) throw new Error('Bytes follow the answer');
  }
}
