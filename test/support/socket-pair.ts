// Two sockets that are joined over loopback.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { listenOnFreePort } from './free-port.ts';

/** Connects one to the other. What was accepted reads nothing before it is told to. */
export async function socketPair(): Promise<[connected: Socket, accepted: Socket]> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
  const port = await listenOnFreePort(server);
  const connected = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const [[accepted]] = (await Promise.all([
    once(server, 'connection'),
    once(connected, 'connect'),
  ])) as [[Socket], unknown]; // as Node promises of these events
  server.close();
  return [connected, accepted];
}
