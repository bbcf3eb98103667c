// The load of large answers: every byte is counted, and the ends of every chunk are checked.

import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { isPattern, LARGE_BYTES } from '../content.ts';
import type { Dialing } from './dial.ts';
import { dial } from './dial.ts';

// Fewer and larger reads, so that the client leaves more of a small machine to the proxy.
const READ_BYTES = 256 * 1024;
const MAX_HEAD_BYTES = 4096;

/** How much is to be done, and to whom. */
export interface LargeLoad extends Dialing {
  /** How many large answers, each over its own connection. */
  readonly count: number;
  /** How many of them at the same time. */
  readonly connections: number;
  readonly hasAddedField: boolean;
}

/** Fetches so many large answers. */
export async function fetchLarge(load: LargeLoad): Promise<void> {
  let left = load.count;
  const oneAfterTheOther = async (): Promise<void> => {
    while (left-- > 0) await fetchOne(load);
  };
  await Promise.all(Array.from({ length: load.connections }, oneAfterTheOther));
}

async function fetchOne(load: LargeLoad): Promise<void> {
  const answer = new LargeAnswer(load.hasAddedField);
  const take = (socket: Socket, bytes: Buffer): void => {
    try {
      answer.take(bytes);
    } catch (error) {
      socket.destroy(error instanceof Error ? error : new Error(String(error)));
    }
    if (answer.isWhole) socket.end();
  };
  const { socket, host = 'bench.example' } = await dialFor(load, take);
  await new Promise<void>((resolve, reject) => {
    const giveUp = (): void => {
      socket.destroy(new Error('Out of time'));
    };
    socket.write(`GET /large HTTP/1.1\r\nHost: ${host}\r\nAccept: */*\r\n\r\n`);
    socket.once('error', reject);
    socket.once('close', () => {
      load.signal.removeEventListener('abort', giveUp);
      if (answer.isWhole) resolve();
      else reject(new Error(`Closed after ${answer.received} of ${LARGE_BYTES} bytes`));
    });
    load.signal.addEventListener('abort', giveUp);
  });
}

/** The sockets of TLS read as much as a record has. */
async function dialFor(
  load: LargeLoad,
  take: (socket: Socket, bytes: Buffer) => void,
): Promise<{ readonly socket: Socket; readonly host?: string | undefined }> {
  if (load.tls !== undefined) {
    const dialled = await dial(load);
    dialled.socket.on('data', (bytes: Buffer) => take(dialled.socket, bytes));
    return dialled;
  }
  const socket = connect({
    port: load.port,
    host: '127.0.0.1',
    onread: {
      buffer: Buffer.allocUnsafe(READ_BYTES),
      callback: (length, buffer) => {
        take(socket, Buffer.from(buffer.buffer, buffer.byteOffset, length));
        return true;
      },
    },
  });
  return { socket };
}

class LargeAnswer {
  received = 0;
  readonly #hasAddedField: boolean;
  #head: Buffer | undefined = Buffer.alloc(0);

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
