// How the load gets to a proxy: plainly, or by TLS that the proxy must have intercepted.

import type { Socket } from 'node:net';
import { connect } from 'node:net';
import type { SecureContext } from 'node:tls';
import { connect as connectTls } from 'node:tls';

/** TLS with whoever the proxy shows. */
export interface TlsDialing {
  /**
   * With an authority that only the proxies sign with: who is not intercepted is not trusted. Sessions are never resumed:
   * every handshake is a whole one.
   */
  readonly context: SecureContext;
  /** Called for each connection: the server that it is for. */
  readonly serverName: () => string;
  /** What an explicit proxy is asked for first (CONNECT). */
  readonly tunnelTo?: string | undefined;
}

/** Where to. */
export interface Dialing {
  readonly port: number;
  readonly tls?: TlsDialing | undefined;
  readonly signal: AbortSignal;
}

const TUNNEL_OPEN = 'HTTP/1.1 200 ';

/** A connection that is ready for a request. */
export interface Dialled {
  readonly socket: Socket;
  /** The name of its server, if it has one. */
  readonly host: string | undefined;
}

/** Connects. Rejects if there is no connection, or one that was not intercepted. */
export async function dial({ port, tls, signal }: Dialing): Promise<Dialled> {
  const plain = connect({ port, host: '127.0.0.1', noDelay: true });
  if (tls === undefined) {
    await happens(plain, 'connect', signal);
    return { socket: plain, host: undefined };
  }
  if (tls.tunnelTo !== undefined) await openTunnel(plain, tls.tunnelTo, signal);
  const host = tls.serverName();
  const socket = connectTls({ socket: plain, servername: host, secureContext: tls.context });
  await happens(socket, 'secureConnect', signal);
  return { socket, host };
}

async function openTunnel(socket: Socket, to: string, signal: AbortSignal): Promise<void> {
  socket.write(`CONNECT ${to} HTTP/1.1\r\nHost: ${to}\r\n\r\n`);
  await happens(socket, 'readable', signal);
  const head = String(socket.read());
  if (!head.startsWith(TUNNEL_OPEN) || !head.endsWith('\r\n\r\n'))
    throw new Error(`No tunnel: ${head.slice(0, 40)}`);
}

/** Waits for an event; destroys the socket if it does not come. */
function happens(socket: Socket, event: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error): void => {
      signal.removeEventListener('abort', giveUp);
      socket.off('error', settle).off('close', closed).off(event, happened);
      // It may fail before its user listens, who sees then that it is destroyed.
      socket.on('error', () => undefined);
      if (error === undefined) {
        resolve();
        return;
      }
      socket.destroy();
      reject(error);
    };
    const giveUp = (): void => settle(new Error('Out of time'));
    const closed = (): void => settle(new Error(`Closed before ${event}`));
    const happened = (): void => settle();
    signal.addEventListener('abort', giveUp);
    socket.once('error', settle).once('close', closed).once(event, happened);
  });
}
