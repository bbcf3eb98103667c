// Makes the server side of sessions over UDP: a socket that is connected at once, since UDP has no handshake.

import { randomInt } from 'node:crypto';
import type { SocketAddress } from '../address/socket-address.ts';
import type { ConnectRequest, Connector, ConnectResult } from '../session/outside.ts';
import { peerWords } from './datagram-memory.ts';
import { openDatagramSocket, transparentOption } from './datagram-socket.ts';
import type { OpenedDatagramSocket, SocketOption } from './datagram-socket.ts';
import { DatagramStream } from './datagram-stream.ts';
import type { DatagramDriver, DroppedDatagrams } from './datagram-stream.ts';
import type { DescriptorBudget } from './descriptor-budget.ts';
import { errorCode } from './error-code.ts';
import * as linux from './linux-constants.ts';
import type { RandomBelow } from './local-port.ts';
import { candidatePorts, portChoice } from './local-port.ts';
import { familyNumber } from './socket-address-bytes.ts';
import { checkSource } from './source-check.ts';

/** What a connector for datagrams is made of. */
export interface DatagramConnectorParts {
  readonly system: DatagramDriver;
  readonly budget: DescriptorBudget;
  /** A connection has ended, and some of its datagrams did not get through. */
  readonly dropped: (server: SocketAddress, dropped: DroppedDatagrams) => void;
  readonly randomBelow?: RandomBelow;
}

/**
 * Connects UDP sockets, within the call. Whatever goes wrong is a result: 'EADDRINUSE' also when another session has the
 * same two ends, which the kernel would allow, and the datagrams of one would go to the other.
 */
export class DatagramConnector implements Connector {
  readonly #parts: DatagramConnectorParts;
  readonly #randomBelow: RandomBelow;
  readonly #pairs = new Set<string>();

  constructor(parts: DatagramConnectorParts) {
    this.#parts = parts;
    this.#randomBelow = parts.randomBelow ?? ((bound) => randomInt(bound));
  }

  connect(request: ConnectRequest, done: (result: ConnectResult) => void): () => void {
    let isGivenUp = false;
    const result = this.#tryConnect(request);
    queueMicrotask(() => {
      if (!isGivenUp) done(result);
      else if (result.ok) result.stream.destroy();
    });
    return () => {
      isGivenUp = true;
    };
  }

  #tryConnect(request: ConnectRequest): ConnectResult {
    try {
      return this.#open(request);
    } catch (error) {
      return { ok: false, error: errorCode(error) };
    }
  }

  #open(request: ConnectRequest): ConnectResult {
    let error = 'EADDRINUSE';
    const choice = portChoice(request);
    const hint = request.local?.port ?? 0;
    for (const port of candidatePorts(hint, choice, this.#randomBelow)) {
      const opened = this.#openFrom(request, port);
      if (opened.ok) return this.#adopt(request, opened, port);
      error = opened.error;
      if (error !== 'EADDRINUSE' || port === 0) break;
    }
    return { ok: false, error };
  }

  #openFrom(request: ConnectRequest, port: number): OpenedDatagramSocket {
    const { remote, local } = request;
    const options: SocketOption[] = [...packetOptions(request)];
    // A port that was asked for may be in use towards other servers. Of any other port another one of its group will do.
    if (portChoice(request) === 'exact' && port !== 0)
      options.push([linux.SOL_SOCKET, linux.SO_REUSEADDR, 1]);
    const from = local?.withPort(port);
    const open = (more: readonly SocketOption[]): OpenedDatagramSocket =>
      openDatagramSocket(this.#parts.system, {
        family: remote,
        options: [...options, ...more],
        bind: from === undefined ? undefined : peerWords(from),
        connect: peerWords(remote),
      });
    const opened = open([]);
    // An address that this machine has not: only then is the privilege asked for.
    return opened.ok || opened.error !== 'EADDRNOTAVAIL' || from === undefined
      ? opened
      : open([transparentOption(from)]);
  }

  #adopt(
    { remote, local: wanted }: ConnectRequest,
    { descriptor, local }: Extract<OpenedDatagramSocket, { ok: true }>,
    port: number,
  ): ConnectResult {
    const { system, budget, dropped } = this.#parts;
    const pair = `${String(local)} ${String(remote)}`;
    const taken = this.#pairs.has(pair) ? 'EADDRINUSE' : undefined;
    const problem = checkSource(local, { remote, local: wanted, port }) ?? taken;
    if (problem !== undefined) {
      system.libc.close(descriptor);
      return { ok: false, error: problem };
    }
    const stream = new DatagramStream({
      system,
      descriptor,
      peer: peerWords(remote),
      gone: (counts) => {
        this.#pairs.delete(pair);
        budget.giveBack('connected');
        if (Object.keys(counts).length > 0) dropped(remote, counts);
      },
    });
    this.#pairs.add(pair);
    budget.take('connected');
    return { ok: true, stream, local };
  }
}

/** What the packets of a connection carry beside their addresses. */
function packetOptions({ remote, mark, tos }: ConnectRequest): readonly SocketOption[] {
  const isIpv4 = familyNumber(remote.address) === linux.AF_INET;
  const options: SocketOption[] = [];
  if (mark !== undefined) options.push([linux.SOL_SOCKET, linux.SO_MARK, mark]);
  if (tos !== undefined)
    options.push(
      isIpv4 ? [linux.SOL_IP, linux.IP_TOS, tos] : [linux.SOL_IPV6, linux.IPV6_TCLASS, tos],
    );
  return options;
}
