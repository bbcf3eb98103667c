// Who wants connections that a listener accepts: running sessions are asked, in order of priority, before the listener
// decides. Nobody but the peer that a session waits for ever gets to it.

import type { IpAddress } from '../address/ip-address.ts';
import type { Transport } from '../address/transport.ts';
import type { Accepted } from './outside.ts';

/**
 * The order in which a connection is offered, lower ones first: to a session that expects it, to one that has claimed
 * further connections of its client, and at last to the listener, which takes everything. The numbers are those of the
 * original.
 */
export const PRIORITIES = { related: -100, normal: 0, listen: 100 } as const;

/** A session that waits for connections. */
export interface Claimant {
  readonly priority: Exclude<keyof typeof PRIORITIES, 'listen'>;
  /** Takes a connection of its peer to its port that this listener accepted, or says false. */
  take(listener: string | undefined, connection: Accepted): boolean;
}

/** A local port that somebody waits at. */
export interface ClaimedPort {
  readonly port: number;
  readonly protocol: Transport;
}

/** All sessions of an instance that wait for connections. */
export class Claims {
  /** By peer and local port, so that a crowd of claims costs a connection no more than a few of them. */
  readonly #chains = new Map<string, Claimant[]>();

  /** How many peers and ports somebody waits for. */
  get size(): number {
    return this.#chains.size;
  }

  /** Waits for what a peer sends to a port; of equals the first to come is asked first. The returned function ends it. */
  join(peer: IpAddress, { port, protocol }: ClaimedPort, claimant: Claimant): () => void {
    const key = keyOf(protocol, peer, port);
    const chain = [...(this.#chains.get(key) ?? []), claimant];
    this.#chains.set(
      key,
      chain.sort((one, other) => PRIORITIES[one.priority] - PRIORITIES[other.priority]),
    );
    return () => {
      this.#leave(key, claimant);
    };
  }

  /** Offers a connection to those who wait for it; whether one of them took it. */
  offer(listener: string | undefined, connection: Accepted): boolean {
    if (this.#chains.size === 0) return false; // most of the time, for most instances: it costs nothing
    const { clientAddress, clientLocal, stream } = connection;
    const protocol = stream.framing === 'datagrams' ? 'udp' : 'tcp';
    const chain = this.#chains.get(keyOf(protocol, clientAddress.address, clientLocal.port));
    return chain?.some((claimant) => claimant.take(listener, connection)) === true;
  }

  #leave(key: string, claimant: Claimant): void {
    const rest = this.#chains.get(key)?.filter((other) => other !== claimant) ?? [];
    if (rest.length === 0) this.#chains.delete(key);
    else this.#chains.set(key, rest);
  }
}

function keyOf(protocol: Transport, peer: IpAddress, port: number): string {
  return `${protocol} ${String(peer)} ${port}`;
}
