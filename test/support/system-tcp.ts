// Small TCP clients and servers, for what curl and nginx cannot do: half a request, a reset at a given byte, a thousand
// connections at once.
import { once } from 'node:events';
import { createServer, connect } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { closeServer } from './free-port.ts';
import type { Owner } from './system-process.ts';

/** What a client does. */
export interface TalkOptions {
  readonly port: number;
  readonly host?: string;
  /** The address to come from. */
  readonly from?: string;
  readonly send?: string | Uint8Array;
  /** How it goes on after the last byte: waits for the end, ends its direction, or resets. Default: waits. */
  readonly then?: 'wait' | 'end' | 'reset';
  /** It goes on only when this many bytes have come too. */
  readonly afterBytes?: number;
  /** Destroys the connection as soon as this many bytes have come. */
  readonly enoughBytes?: number;
  readonly timeoutMs?: number;
}

/** What a client saw. */
export interface Talk {
  readonly received: Buffer;
  /** How it ended: the peer ended, reset, nothing came in time, this side had enough, or an error code. */
  readonly ended: string;
}

const TIMEOUT_MS = 10_000;

/** Connects, sends, and collects what comes until the connection ends. Never rejects. */
export function talk(options: TalkOptions): Promise<Talk> {
  const { port, host = '127.0.0.1', from, send = '', timeoutMs = TIMEOUT_MS } = options;
  return new Promise((resolve) => {
    const local = from === undefined ? {} : { localAddress: from };
    const socket = connect({ port, host, ...local, allowHalfOpen: true });
    const chunks: Buffer[] = [];
    let count = 0;
    const finish = (ended: string): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ received: Buffer.concat(chunks), ended });
    };
    const timer = setTimeout(() => finish('timeout'), timeoutMs);
    let isSent = false;
    const goOn = (): void => {
      if (!isSent || count < (options.afterBytes ?? 0)) return;
      if (options.then === 'end') socket.end();
      if (options.then !== 'reset') return;
      socket.resetAndDestroy();
      finish('gone');
    };
    socket.on('connect', () => {
      socket.write(send, () => {
        isSent = true;
        goOn();
      });
    });
    socket.on('data', (bytes) => {
      chunks.push(bytes);
      count += bytes.length;
      goOn();
      if (count >= (options.enoughBytes ?? Infinity)) finish('enough');
    });
    socket.on('end', () => finish('end'));
    socket.on('error', (error: NodeJS.ErrnoException) => finish(error.code ?? error.message));
    socket.on('close', () => finish('close'));
  });
}

/** A server of a test, on a port of its own. */
export interface TcpServer {
  readonly port: number;
  /** Connections that are open. */
  readonly open: ReadonlySet<Socket>;
}

/** Starts a server that is closed with its owner. */
export async function serve(
  owner: Owner,
  handle: (socket: Socket) => void,
  bind: { readonly host?: string; readonly port?: number } = {},
): Promise<TcpServer> {
  const open = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
    handle(socket);
  });
  server.listen({ port: bind.port ?? 0, host: bind.host ?? '127.0.0.1', backlog: 4096 });
  await once(server, 'listening');
  owner.after(async () => {
    for (const socket of open) socket.destroy();
    await closeServer(server);
  });
  return { port: (server.address() as AddressInfo).port, open };
}

/** A handler that sends back what it gets. */
export function echo(socket: Socket): void {
  socket.pipe(socket);
}

/** A handler that answers every request head with the same page, and closes when asked to. */
export function answerWith(body: string | Buffer, fields = ''): (socket: Socket) => void {
  const head = `HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${fields}\r\n`;
  const page = Buffer.concat([Buffer.from(head), Buffer.from(body)]);
  return (socket) => {
    let text = '';
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end !== -1; end = text.indexOf('\r\n\r\n')) {
        const isLast = /^connection: close\r?$/im.test(text.slice(0, end));
        text = text.slice(end + 4);
        socket.write(page);
        if (isLast) socket.end();
      }
    });
    socket.on('end', () => socket.end());
  };
}

/** What a client that sends without end came to. */
export interface Flood extends Talk {
  readonly sentBytes: number;
}

/** Sends the beginning, then the same piece again and again, until the peer has had enough. Never rejects. */
export function flood(
  port: number,
  beginning: string,
  piece: string | Uint8Array,
  options: { readonly everyMs?: number } = {},
): Promise<Flood> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const chunks: Buffer[] = [];
    let pace: NodeJS.Timeout | undefined;
    const finish = (ended: string): void => {
      clearTimeout(timer);
      clearTimeout(pace);
      socket.destroy();
      resolve({ received: Buffer.concat(chunks), ended, sentBytes: socket.bytesWritten });
    };
    const timer = setTimeout(() => finish('timeout'), TIMEOUT_MS);
    const sendNext = (): void => {
      if (socket.destroyed) return;
      const isTaken = socket.write(piece);
      if (options.everyMs !== undefined) pace = setTimeout(sendNext, options.everyMs);
      else if (isTaken) setImmediate(sendNext);
      else socket.once('drain', sendNext);
    };
    socket.on('connect', () => {
      socket.write(beginning);
      sendNext();
    });
    socket.on('data', (bytes) => chunks.push(bytes));
    socket.on('end', () => finish('end'));
    socket.on('error', (error: NodeJS.ErrnoException) => finish(error.code ?? error.message));
  });
}
