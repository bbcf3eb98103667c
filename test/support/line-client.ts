// A TCP client that speaks in lines, for tests that hold a conversation.
import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** One connection to a port of this machine. */
export class LineClient {
  readonly socket: Socket;
  isClosed = false;
  #text = '';
  #wake = (): void => undefined;

  constructor(port: number, from = '127.0.0.1') {
    this.socket = connect({ port, host: '127.0.0.1', localAddress: from });
    this.socket.on('error', () => undefined); // a reset shows as a close
    this.socket.on('data', (bytes) => {
      this.#text += bytes.toString('latin1');
      this.#wake();
    });
    this.socket.on('close', () => {
      this.isClosed = true;
      this.#wake();
    });
  }

  say(line: string): this {
    this.socket.write(`${line}\n`);
    return this;
  }

  /** The next line; what there is when the connection closes. */
  async line(): Promise<string> {
    for (;;) {
      const end = this.#text.indexOf('\n');
      if (end !== -1 || this.isClosed) {
        const line = end === -1 ? this.#text : this.#text.slice(0, end);
        this.#text = this.#text.slice(line.length + 1);
        return line;
      }
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
