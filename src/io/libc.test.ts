// Each foreign function is called once as it is declared; and what is said where there is none to call.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { needsDriver, testLibc } from '../../test/support/driver-needs.ts';
import { SocketAddress } from '../address/socket-address.ts';
import { allocateGuarded } from './guarded-memory.ts';
import { errorName, readLibc } from './libc.ts';
import type { Libc } from './libc.ts';
import * as linux from './linux-constants.ts';
import { readSocketAddress, writeSocketAddress } from './socket-address-bytes.ts';

const STREAM = linux.SOCK_STREAM | linux.SOCK_CLOEXEC;

/** A libc with a piece of memory for parameters, and the checks that every test makes. */
class Lab {
  readonly libc: Libc = testLibc();
  readonly memory = allocateGuarded(this.libc, 65_536);
  readonly #open = new Set<number>();

  /** The result of a call that must not fail. */
  ok(result: number): number {
    if (result === -1) assert.fail(errorName(this.libc.errno()));
    return result;
  }

  opened(descriptor: number): number {
    this.#open.add(this.ok(descriptor));
    return descriptor;
  }

  close(descriptor: number): void {
    this.#open.delete(descriptor);
    this.ok(this.libc.close(descriptor));
  }

  pipe(): [number, number] {
    this.ok(this.libc.pipe2(this.memory.address, linux.O_CLOEXEC | linux.O_NONBLOCK));
    const [from = -1, to = -1] = this.memory.words;
    return [this.opened(from), this.opened(to)];
  }

  /** Writes an integer at an offset; its address. */
  integer(offset: number, value: number): number {
    this.memory.view.setInt32(offset, value, true);
    return this.memory.address + offset;
  }

  setOption(descriptor: number, level: number, name: number, value: number): void {
    this.ok(this.libc.setsockopt(descriptor, level, name, this.integer(512, value), 4));
  }

  option(descriptor: number, level: number, name: number): number {
    const length = this.integer(516, 4);
    this.ok(this.libc.getsockopt(descriptor, level, name, this.integer(512, -1), length));
    return this.memory.view.getInt32(512, true);
  }

  /** The address that getsockname, getpeername or accept4 writes. */
  address(call: (address: number, length: number) => number): SocketAddress | undefined {
    this.ok(call(this.memory.address + 1024, this.integer(1088, 28)));
    return readSocketAddress(this.memory.view, 1024);
  }

  bind(descriptor: number, text: string): void {
    const length = writeSocketAddress(this.memory.view, 1024, SocketAddress.parse(text));
    this.ok(this.libc.bind(descriptor, this.memory.address + 1024, length));
  }

  connect(descriptor: number, to: SocketAddress): number {
    const length = writeSocketAddress(this.memory.view, 1024, to);
    return this.libc.connect(descriptor, this.memory.address + 1024, length);
  }

  put(offset: number, text: string): number {
    this.memory.bytes.set(Buffer.from(text), offset);
    return this.memory.address + offset;
  }

  text(offset: number, length: number): string {
    return Buffer.from(this.memory.bytes.subarray(offset, offset + length)).toString();
  }

  [Symbol.dispose](): void {
    for (const descriptor of this.#open) this.libc.close(descriptor);
  }
}

/** Two ends of a TCP connection over loopback. */
function tcpPair(lab: Lab): [client: number, server: number] {
  const { libc } = lab;
  const listener = lab.opened(libc.socket(linux.AF_INET, STREAM, 0));
  lab.bind(listener, '127.0.0.1:0');
  lab.ok(libc.listen(listener, 5));
  const where = lab.address((address, length) => libc.getsockname(listener, address, length));
  assert.ok(where !== undefined && where.port > 0);
  const client = lab.opened(libc.socket(linux.AF_INET, STREAM, 0));
  lab.ok(lab.connect(client, where));
  let server = -1;
  const peer = lab.address((address, length) => {
    server = lab.opened(libc.accept4(listener, address, length, linux.SOCK_NONBLOCK));
    return server;
  });
  const local = lab.address((address, length) => libc.getsockname(client, address, length));
  assert.equal(String(peer), String(local));
  const remote = lab.address((address, length) => libc.getpeername(client, address, length));
  assert.equal(String(remote), String(where));
  return [client, server];
}

describe('the C library', needsDriver(), () => {
  it('makes sockets, connects them, and moves bytes', () => {
    using lab = new Lab();
    const { libc } = lab;
    const [client, server] = tcpPair(lab);
    assert.equal(libc.recv(server, lab.memory.address, 100, 0), -1);
    assert.equal(errorName(libc.errno()), 'EAGAIN');
    assert.equal(libc.errno(), linux.EAGAIN);
    assert.equal(libc.send(client, lab.put(0, 'hello'), 5, linux.MSG_NOSIGNAL), 5);
    assert.equal(libc.recv(server, lab.memory.address + 64, 100, 0), 5);
    assert.equal(lab.text(64, 5), 'hello');
    lab.ok(libc.shutdown(client, linux.SHUT_WR));
    assert.equal(libc.recv(server, lab.memory.address, 100, 0), 0);
    lab.close(client);
  });

  it('sets and gets options', () => {
    using lab = new Lab();
    const [client] = tcpPair(lab);
    lab.setOption(client, linux.SOL_TCP, linux.TCP_NODELAY, 1);
    assert.equal(lab.option(client, linux.SOL_TCP, linux.TCP_NODELAY), 1);
    lab.setOption(client, linux.SOL_SOCKET, linux.SO_KEEPALIVE, 1);
    assert.equal(lab.option(client, linux.SOL_SOCKET, linux.SO_KEEPALIVE), 1);
    lab.setOption(client, linux.SOL_IP, linux.IP_TOS, 0x10);
    assert.equal(lab.option(client, linux.SOL_IP, linux.IP_TOS), 0x10);
    lab.setOption(client, linux.SOL_IP, linux.IP_BIND_ADDRESS_NO_PORT, 1);
    assert.equal(lab.option(client, linux.SOL_IP, linux.IP_BIND_ADDRESS_NO_PORT), 1);
    assert.equal(lab.option(client, linux.SOL_SOCKET, linux.SO_ERROR), 0);
  });

  it('sends and receives messages of several pieces', () => {
    using lab = new Lab();
    const { libc, memory } = lab;
    const [client, server] = tcpPair(lab);
    const pieces = [lab.put(0, 'one '), lab.put(64, 'two')];
    const vector = (offset: number, buffers: readonly (readonly [number, number])[]): number => {
      memory.bytes.fill(0, offset, offset + 56);
      memory.view.setBigUint64(offset + 16, BigInt(memory.address + offset + 64), true);
      memory.view.setBigUint64(offset + 24, BigInt(buffers.length), true);
      buffers.forEach(([address, length], index) => {
        memory.view.setBigUint64(offset + 64 + 16 * index, BigInt(address), true);
        memory.view.setBigUint64(offset + 72 + 16 * index, BigInt(length), true);
      });
      return memory.address + offset;
    };
    const [one = 0, two = 0] = pieces;
    const sent = vector(2048, [
      [one, 4],
      [two, 3],
    ]);
    assert.equal(libc.sendmsg(client, sent, linux.MSG_NOSIGNAL), 7);
    assert.equal(libc.recvmsg(server, vector(2048, [[memory.address + 128, 100]]), 0), 7);
    assert.equal(lab.text(128, 7), 'one two');
  });

  it('splices, reads, writes, and changes descriptors', () => {
    using lab = new Lab();
    const { libc } = lab;
    const [from, to] = lab.pipe();
    const [client, server] = tcpPair(lab);
    assert.equal(libc.fcntl(from, linux.F_GETFL, 0) & linux.O_NONBLOCK, linux.O_NONBLOCK);
    lab.ok(libc.fcntl(from, linux.F_SETPIPE_SZ, 1_048_576));
    assert.equal(libc.fcntl(to, linux.F_GETPIPE_SZ, 0), 1_048_576);
    assert.equal(libc.write(to, lab.put(0, 'through a pipe'), 14), 14);
    assert.equal(libc.splice(from, 0, client, 0, 100, linux.SPLICE_F_NONBLOCK), 14);
    assert.equal(libc.read(server, lab.memory.address + 64, 100), 14);
    assert.equal(lab.text(64, 14), 'through a pipe');
    const copy = lab.opened(libc.dup3(from, 900, linux.O_CLOEXEC));
    assert.equal(copy, 900);
  });

  it('waits for events', () => {
    using lab = new Lab();
    const { libc, memory } = lab;
    const epoll = lab.opened(libc.epoll_create1(linux.EPOLL_CLOEXEC));
    const event = lab.opened(libc.eventfd(0, linux.EFD_NONBLOCK | linux.EFD_CLOEXEC));
    const wanted = lab.integer(0, linux.EPOLLIN | linux.EPOLLET);
    lab.integer(4, 7);
    lab.ok(libc.epoll_ctl(epoll, linux.EPOLL_CTL_ADD, event, wanted));
    assert.equal(libc.epoll_wait(epoll, memory.address + 64, 8, 0), 0);
    lab.integer(128, 1);
    lab.integer(132, 0);
    assert.equal(libc.write(event, memory.address + 128, 8), 8);
    assert.equal(libc.epoll_wait(epoll, memory.address + 64, 8, 0), 1);
    assert.equal(memory.view.getInt32(64, true), linux.EPOLLIN);
    assert.equal(libc.epoll_wait(epoll, memory.address + 64, 8, 0), 0);
  });

  it('gives memory back', () => {
    const { libc } = new Lab();
    const start = libc.mmap(
      0,
      65_536,
      linux.PROT_NONE,
      linux.MAP_PRIVATE | linux.MAP_ANONYMOUS,
      -1,
      0,
    );
    assert.ok(start > 0);
    assert.equal(libc.mprotect(start, 65_536, linux.PROT_READ | linux.PROT_WRITE), 0);
    const bytes = new Uint8Array(libc.view(start, 4));
    bytes[3] = 9;
    assert.equal(libc.madvise(start, 65_536, linux.MADV_DONTNEED), 0);
    assert.equal(bytes[3], 0);
    assert.equal(libc.munmap(start, 65_536), 0);
    assert.equal(
      libc.mmap(0, 0, linux.PROT_NONE, linux.MAP_PRIVATE | linux.MAP_ANONYMOUS, -1, 0),
      -1,
    );
    assert.equal(errorName(libc.errno()), 'EINVAL');
  });

  it('sets capabilities: a thread may always keep fewer of them', () => {
    const { libc, memory } = new Lab();
    memory.words.set([0x20080522, 2 ** 31 - 1]);
    assert.equal(libc.capset(memory.address, memory.address + 8), -1);
    assert.equal(errorName(libc.errno()), 'EPERM', 'nobody sets those of another process');
  });

  it('lets the loop of Node watch a descriptor', async () => {
    using lab = new Lab();
    const [from, to] = lab.pipe();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const watch = lab.libc.watch(from, () => {
      watch.close();
      resolve(undefined);
    });
    watch.unref();
    watch.ref();
    lab.ok(lab.libc.write(to, lab.put(0, 'x'), 1));
    await promise;
  });

  it('names errors', () => {
    const { libc } = new Lab();
    assert.equal(libc.close(-1), -1);
    assert.equal(errorName(libc.errno()), 'EBADF');
    assert.equal(errorName(0), 'EUNKNOWN');
  });
});

describe('a machine without a C library to call', () => {
  const loadKoffi = (): never => assert.fail('koffi must not be loaded here');

  it('is one with another system or processor', () => {
    const mac = readLibc({ platform: 'darwin', architecture: 'arm64', loadKoffi });
    assert.match(mac.missing ?? '', /runs on Linux on x64 and arm64, and this is darwin on arm64$/);
    assert.equal(mac.libc, undefined);
    const old = readLibc({ platform: 'linux', architecture: 'ia32', loadKoffi });
    assert.match(old.missing ?? '', /this is linux on ia32$/);
  });

  it('is one without koffi', () => {
    const { missing } = readLibc({
      platform: 'linux',
      architecture: 'x64',
      loadKoffi: () => {
        throw new Error("Cannot find module 'koffi'\nRequire stack:");
      },
    });
    assert.equal(
      missing,
      `koffi does not load here, so "npm install" it for this machine: Cannot find module 'koffi'`,
    );
  });
});
