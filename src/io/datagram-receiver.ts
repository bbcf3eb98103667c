// Opens a UDP port and makes a session of each pair of client and destination: a socket of its own, connected to the
// client and bound to where that one sent its datagram, so that answers come from there.

import { SocketAddress } from '../address/socket-address.ts';
import type { Accepted } from '../session/outside.ts';
import type { PeerWords } from './datagram-memory.ts';
import { peerWords } from './datagram-memory.ts';
import { openDatagramSocket, setSocketOption, transparentOption } from './datagram-socket.ts';
import type { SocketOption } from './datagram-socket.ts';
import { DatagramStream } from './datagram-stream.ts';
import type { DatagramDriver, DroppedDatagrams } from './datagram-stream.ts';
import type { DescriptorBudget } from './descriptor-budget.ts';
import type { DescriptorHandler, Slot, Task } from './driver.ts';
import { SystemCallError } from './driver.ts';
import { errorCode } from './error-code.ts';
import { errorName } from './libc.ts';
import * as linux from './linux-constants.ts';
import type { Listening } from './listener.ts';
import { ListenError } from './listener.ts';
import { ReceiverGate } from './receiver-gate.ts';
import type { GateHandlers } from './receiver-gate.ts';
import { familyNumber } from './socket-address-bytes.ts';

/** How a receiver takes datagrams. */
export interface ReceiverSettings {
  /** Takes what is meant for others, whose addresses the sessions answer from. Needs CAP_NET_ADMIN. */
  readonly transparent: boolean;
  /** What may wait in the kernel for one socket, in bytes; it cuts this to net.core.rmem_max. */
  readonly receiveBufferBytes: number;
  /** Sessions at the same time; asked for each new one, since a reload may change it. */
  readonly maxSessions: () => number;
}

/** What a receiver says. */
export interface ReceiverHandlers extends GateHandlers {
  /** A client has sent something, which its stream says first. The stream is held until somebody listens to it. */
  accepted(connection: Accepted): void;
  /** A session has ended, and some of its datagrams did not get through. */
  dropped(client: SocketAddress, dropped: DroppedDatagrams): void;
  /** The system could not read, or gave no socket to a client. Once, until that works again. */
  failed(error: string): void;
}

// So that a flood at one port leaves the sessions their turns.
const MAX_READS_IN_TURN = 64;

/** Opens the UDP ports of a process. */
export class DatagramReceivers {
  readonly #system: DatagramDriver;
  readonly #budget: DescriptorBudget;
  /** How many sessions have a socket at a local port. */
  readonly #portUsers = new Map<number, number>();

  constructor(system: DatagramDriver, budget: DescriptorBudget) {
    this.#system = system;
    this.#budget = budget;
  }

  /** Opens a UDP port. An IPv6 address takes IPv6 only. Throws a ListenError. */
  open(address: SocketAddress, settings: ReceiverSettings, handlers: ReceiverHandlers): Listening {
    const opened = this.#bind(address, settings);
    // Only now may the sockets of sessions have the port too: another program that has it was found out by the bind.
    setSocketOption(this.#system, opened.descriptor, REUSE_ADDRESS);
    try {
      const { descriptor } = opened;
      const bound = address.withPort(opened.local.port);
      const parts = { address: bound, settings, handlers, descriptor };
      const receiver = new Receiver(this.#system, this.#budget, this.#portUsers, parts);
      return { address: bound, close: () => receiver.close() };
    } catch (error) {
      this.#system.libc.close(opened.descriptor);
      throw new ListenError(address, error);
    }
  }

  #bind(
    address: SocketAddress,
    settings: ReceiverSettings,
  ): { readonly descriptor: number; readonly local: SocketAddress } {
    const options = receiverOptions(address, settings);
    const sessionsHaveIt = this.#portUsers.has(address.port);
    const opened = openDatagramSocket(this.#system, {
      family: address,
      // Sessions of a receiver that was closed before have their sockets there still.
      options: sessionsHaveIt ? [REUSE_ADDRESS, ...options] : options,
      bind: peerWords(address),
    });
    if (opened.ok) return opened;
    throw new ListenError(address, new SystemCallError('bind', opened.error));
  }
}

const REUSE_ADDRESS: SocketOption = [linux.SOL_SOCKET, linux.SO_REUSEADDR, 1];

function receiverOptions(
  address: SocketAddress,
  { transparent, receiveBufferBytes }: ReceiverSettings,
): readonly SocketOption[] {
  const isIpv4 = familyNumber(address.address) === linux.AF_INET;
  const options: SocketOption[] = [bufferOption(receiveBufferBytes)];
  if (!isIpv4) options.push([linux.SOL_IPV6, linux.IPV6_V6ONLY, 1]);
  if (transparent) options.push(transparentOption(address), ORIGINAL[isIpv4 ? 'ipv4' : 'ipv6']);
  options.push(PACKET_INFO[isIpv4 ? 'ipv4' : 'ipv6']);
  return options;
}

const ORIGINAL: Readonly<Record<'ipv4' | 'ipv6', SocketOption>> = {
  ipv4: [linux.SOL_IP, linux.IP_RECVORIGDSTADDR, 1],
  ipv6: [linux.SOL_IPV6, linux.IPV6_RECVORIGDSTADDR, 1],
};
const PACKET_INFO: Readonly<Record<'ipv4' | 'ipv6', SocketOption>> = {
  ipv4: [linux.SOL_IP, linux.IP_PKTINFO, 1],
  ipv6: [linux.SOL_IPV6, linux.IPV6_RECVPKTINFO, 1],
};

function bufferOption(bytes: number): SocketOption {
  return [linux.SOL_SOCKET, linux.SO_RCVBUF, bytes];
}

interface ReceiverParts {
  readonly address: SocketAddress;
  readonly settings: ReceiverSettings;
  readonly handlers: ReceiverHandlers;
  readonly descriptor: number;
}

/** Who sent a datagram, and where to. */
interface Tuple {
  readonly client: SocketAddress;
  readonly peer: PeerWords;
  readonly local: SocketAddress;
  /** Index of the interface by which it came; 0 where that is not known. */
  readonly interfaceIndex: number;
}

/** One port that is open. */
class Receiver implements DescriptorHandler, Task {
  readonly #system: DatagramDriver;
  readonly #budget: DescriptorBudget;
  readonly #portUsers: Map<number, number>;
  readonly #parts: ReceiverParts;
  readonly #gate: ReceiverGate;
  readonly #slot: Slot;
  readonly #sessions = new Map<string, DatagramStream>();
  #isClosed = false;
  #lastError: string | undefined;

  constructor(
    system: DatagramDriver,
    budget: DescriptorBudget,
    portUsers: Map<number, number>,
    parts: ReceiverParts,
  ) {
    this.#system = system;
    this.#budget = budget;
    this.#portUsers = portUsers;
    this.#parts = parts;
    this.#gate = new ReceiverGate(budget, parts.settings.maxSessions, parts.handlers);
    this.#slot = system.driver.register(parts.descriptor, this, linux.EPOLLIN);
  }

  /** Takes no more datagrams; the sessions live on. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#gate.close();
    this.#system.driver.forget(this.#slot, this);
    this.#system.libc.close(this.#parts.descriptor);
  }

  /** Called by the driver: datagrams have come. */
  ready(): void {
    this.run();
  }

  /** Called by the driver: reads on. */
  run(): void {
    const { memory, driver } = this.#system;
    for (let reads = 0; !this.#isClosed; reads++) {
      if (reads === MAX_READS_IN_TURN) {
        driver.soon(this);
        return;
      }
      const length = memory.receive(this.#parts.descriptor);
      if (length < 0) {
        if (-length !== linux.EAGAIN) this.#fail(errorName(-length));
        return;
      }
      const tuple = memory.isTruncated ? undefined : this.#tupleOf(this.#parts.address);
      if (tuple !== undefined) this.#take(tuple, length);
    }
  }

  /** Undefined where nobody could answer: to a port 0, or from an address that many machines have. */
  #tupleOf(bound: SocketAddress): Tuple | undefined {
    const { memory } = this.#system;
    const client = memory.source;
    if (client === undefined || client.port === 0) return undefined;
    const { address, port, interfaceIndex, isBroadcast } = memory.destination;
    const local = SocketAddress.of(address ?? bound.address, port ?? bound.port);
    const isKnown = local.address.words.some((word) => word !== 0);
    if (!isKnown || isBroadcast || isMulticast(local)) return undefined;
    return { client, peer: memory.copySource(), local, interfaceIndex };
  }

  /** Gives the datagram that the memory has to the session of its client and destination. */
  #take(tuple: Tuple, length: number): void {
    const key = `${String(tuple.client)} ${String(tuple.local)}`;
    const session = this.#sessions.get(key);
    const datagram = this.#system.memory.received(length);
    if (session !== undefined) session.push(datagram);
    else if (this.#gate.mayEnter(this.#sessions.size)) this.#start(key, tuple, datagram);
  }

  #start(key: string, tuple: Tuple, datagram: Uint8Array): void {
    try {
      const stream = this.#open(key, tuple);
      this.#lastError = undefined;
      this.#sessions.set(key, stream);
      stream.push(datagram);
      const { client, local, interfaceIndex } = tuple;
      const ends = { clientAddress: client, clientLocal: local };
      this.#parts.handlers.accepted({ stream, ...ends, interfaceIndex });
    } catch (error) {
      this.#fail(errorCode(error));
    }
  }

  /** Throws a SystemCallError. */
  #open(key: string, { client, peer, local, interfaceIndex }: Tuple): DatagramStream {
    const { transparent, receiveBufferBytes } = this.#parts.settings;
    const opened = openDatagramSocket(this.#system, {
      family: local,
      options: [
        REUSE_ADDRESS,
        bufferOption(receiveBufferBytes),
        ...(transparent ? [transparentOption(local)] : []),
      ],
      bind: peerWords(local, isLinkLocal(local) ? interfaceIndex : 0),
      connect: peer,
    });
    if (!opened.ok) throw new SystemCallError('bind', opened.error);
    const stream = new DatagramStream({
      system: this.#system,
      descriptor: opened.descriptor,
      peer,
      // Between the bind and the connect of its socket others could reach it, and their datagrams are not lost.
      strange: (length) => this.#takeStrange(local, length),
      gone: (dropped) => {
        this.#sessions.delete(key);
        this.#leavePort(local.port);
        this.#budget.giveBack('accepted');
        this.#gate.left(this.#sessions.size);
        if (Object.keys(dropped).length > 0) this.#parts.handlers.dropped(client, dropped);
      },
    });
    this.#portUsers.set(local.port, (this.#portUsers.get(local.port) ?? 0) + 1);
    this.#budget.take('accepted');
    return stream;
  }

  #takeStrange(local: SocketAddress, length: number): void {
    const tuple = this.#isClosed ? undefined : this.#tupleOf(local);
    if (tuple !== undefined) this.#take(tuple, length);
  }

  #leavePort(port: number): void {
    const rest = (this.#portUsers.get(port) ?? 1) - 1;
    if (rest === 0) this.#portUsers.delete(port);
    else this.#portUsers.set(port, rest);
  }

  #fail(error: string): void {
    if (error === this.#lastError) return;
    this.#lastError = error;
    this.#parts.handlers.failed(error);
  }
}

function isMulticast({ address }: SocketAddress): boolean {
  const isIpv4 = address.family === 'ipv4';
  // 224.0.0.0 and above (RFC 5771; 255.255.255.255 is among them), ff00::/8 (RFC 4291, 2.7).
  return isIpv4 ? address.word0 >= 0xe000_0000 : address.word0 >>> 24 === 0xff;
}

/** fe80::/10 (RFC 4291, 2.5.6): only together with an interface such an address is one. */
function isLinkLocal({ address }: SocketAddress): boolean {
  return address.family === 'ipv6' && address.word0 >>> 22 === 0x3fa;
}
