// Streams of the driver over loopback, for tests.
import { DescriptorBudget } from '../../src/io/descriptor-budget.ts';
import { DriverStream } from '../../src/io/driver-stream.ts';
import {
  AF_INET,
  F_SETFL,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
} from '../../src/io/linux-constants.ts';
import { SocketAddress } from '../../src/address/socket-address.ts';
import { writeSocketAddress } from '../../src/io/socket-address-bytes.ts';
import { StreamShare } from '../../src/io/stream-share.ts';
import { testLibc } from './driver-needs.ts';

const STREAM = SOCK_STREAM | SOCK_CLOEXEC;

/** A share with a budget of its own. */
export function testShare(budget: DescriptorBudget = DescriptorBudget.ofProcess()): StreamShare {
  return new StreamShare(testLibc(), budget);
}

/** The descriptors of two connected non-blocking TCP sockets. */
export function tcpDescriptors({ libc, parameters }: StreamShare): [near: number, far: number] {
  const { address, view, words } = parameters;
  const listener = libc.socket(AF_INET, STREAM, 0);
  const length = writeSocketAddress(view, 64, SocketAddress.parse('127.0.0.1:0'));
  words[0] = length;
  libc.bind(listener, address + 64, length);
  libc.listen(listener, 1);
  libc.getsockname(listener, address + 64, address);
  const near = libc.socket(AF_INET, STREAM, 0);
  if (libc.connect(near, address + 64, length) !== 0)
    throw new Error('no connection over loopback');
  const far = libc.accept4(listener, 0, 0, SOCK_NONBLOCK | SOCK_CLOEXEC);
  libc.close(listener);
  libc.fcntl(near, F_SETFL, SOCK_NONBLOCK);
  return [near, far];
}

/** Two streams that are connected. */
export function streamPair(share: StreamShare): [near: DriverStream, far: DriverStream] {
  const [near, far] = tcpDescriptors(share);
  return [new DriverStream(share, near, 'connected'), new DriverStream(share, far, 'accepted')];
}
