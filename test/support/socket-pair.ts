// Two sockets that are joined over loopback.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** Connects one to the other. What was accepted reads nothing before it is told to. */
export async function socketPair(): Promise<[connected: Socket, accepted: Socket]> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a TCP server that listens has one
  const connected = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const [[accepted]] = (await Promise.all([
    once(server, 'connection'),
    once(connected, 'connect'),
  ])) as [[Socket], unknown]; // as Node promises of these events
  server.close();
  return [connected, accepted];
}
