// Real UDP sockets for tests: the driver's side as the product has it, and peers that are sockets of Node.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import { SocketAddress } from '../../src/address/socket-address.ts';
import { DatagramMemory } from '../../src/io/datagram-memory.ts';
import type { DatagramDriver } from '../../src/io/datagram-stream.ts';
import { Driver } from '../../src/io/driver.ts';
import type { Stream } from '../../src/session/stream.ts';
import { testLibc } from './driver-needs.ts';

let system: DatagramDriver | undefined;

/** The driver and the memory of all tests of this process. */
export function datagramDriver(): DatagramDriver {
  const libc = testLibc();
  system ??= { libc, memory: new DatagramMemory(libc), driver: new Driver(libc) };
  return system;
}

const DEADLINE_MS = 30_000; // for a loaded machine; what is waited for takes microseconds

/** Waits until something holds that comes of the world outside. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!holds()) {
    assert.ok(performance.now() < deadline, `it never came to it: ${what}`);
    await new Promise((done) => setImmediate(done));
  }
}

/** A peer: what it has received, and from where. */
export class UdpPeer {
  readonly socket: Socket;
  readonly heard: string[] = [];
  readonly sizes: number[] = [];
  readonly senders: string[] = [];
  /** Answers each datagram, undefined: not. */
  answer: ((datagram: Buffer) => Buffer | string | undefined) | undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('message', (datagram, { address, port }) => {
      this.heard.push(datagram.subarray(0, 64).toString('latin1'));
      this.sizes.push(datagram.length);
      this.senders.push(String(SocketAddress.of(address, port)));
      const answer = this.answer?.(datagram);
      if (answer !== undefined) socket.send(answer, port, address);
    });
  }

  /** Bound to a loopback address, by default a port that the kernel chooses. */
  static async open(host = '127.0.0.1', port = 0): Promise<UdpPeer> {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    socket.bind(port, host);
    await once(socket, 'listening');
    socket.setRecvBufferSize(1_048_576);
    return new UdpPeer(socket);
  }

  get address(): SocketAddress {
    const { address, port } = this.socket.address();
    return SocketAddress.of(address, port);
  }

  send(datagram: string | Uint8Array, { address, port }: SocketAddress): Promise<void> {
    return new Promise((done, failed) => {
      this.socket.send(datagram, port, String(address), (error) => {
        if (error === null) done();
        else failed(error);
      });
    });
  }

  /** Waits until it has received so many. */
  async hears(count: number): Promise<readonly string[]> {
    await until(`${count} datagrams, not ${this.heard.length}`, () => this.heard.length >= count);
    return this.heard;
  }

  close(): void {
    this.socket.close();
  }
}

/** What a stream said: each datagram as text, its length, and how it closed. */
export class StreamEar {
  readonly heard: string[] = [];
  readonly sizes: number[] = [];
  closed: string | undefined;

  constructor(stream: Stream) {
    stream.listen({
      received: (bytes) => {
        this.heard.push(Buffer.from(bytes.subarray(0, 64)).toString('latin1'));
        this.sizes.push(bytes.length);
      },
      ended: () => assert.fail('datagrams have no end'),
      drained: () => assert.fail('nobody was told to wait'),
      closed: (error) => {
        assert.equal(this.closed, undefined, 'closed twice');
        this.closed = error ?? 'closed';
      },
    });
  }

  async hears(count: number): Promise<readonly string[]> {
    await until(`${count} datagrams, not ${this.heard.length}`, () => this.heard.length >= count);
    return this.heard;
  }

  async closes(): Promise<string | undefined> {
    await until('the end', () => this.closed !== undefined);
    return this.closed;
  }
}

/** The texts of IPv4 and IPv6 loopback. */
export const LOOPBACKS = ['127.0.0.1', '::1'] as const;
