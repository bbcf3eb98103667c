// Ports of this machine that nobody uses just now, and servers that listen on them.

import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { createServer } from 'node:net';

/** A free TCP port at an address of this machine. */
export async function freePort(address = '127.0.0.1'): Promise<number> {
  const server = createServer();
  const port = await listenOnFreePort(server, address);
  await closeServer(server);
  return port;
}

/** Has a server listen on a free port, at an address of this machine. @returns the port. */
export async function listenOnFreePort(server: Server, address = '127.0.0.1'): Promise<number> {
  server.listen(0, address);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port; // a TCP server that listens has one
}

/** Closes a server, and waits until its last connection is closed. */
export async function closeServer(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}
