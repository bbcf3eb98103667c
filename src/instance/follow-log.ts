// What the log says of binds that follow an interface: where they listen now, where they cannot, and which of them listen
// nowhere.

import type { InterfaceTable } from '../address/interface-table.ts';
import type { Transport } from '../address/transport.ts';
import type { SocketAddress } from '../address/socket-address.ts';
import type { Log } from '../log/log.ts';
import { showInterfaceBind } from '../policy/interface-bind.ts';
import type { InterfaceBind } from '../policy/interface-bind.ts';
import type { Listener } from '../policy/make-listener.ts';
import { unmetFollows } from '../policy/unmet-follows.ts';

/** A socket that follows something, as far as the log tells of it. */
export interface ToldSocket {
  readonly bind: SocketAddress;
  readonly protocol: Transport;
  readonly listener: Listener;
  readonly follows: InterfaceBind;
}

/** An address as it is listed: TCP is not said. */
export function showAddress(address: SocketAddress, protocol: Transport): string {
  return protocol === 'udp' ? `${String(address)}/udp` : String(address);
}

/** Tells the log. */
export class FollowLog {
  readonly #log: Log;
  /** What was said of binds that listen nowhere: it is said once. */
  #unmet: ReadonlySet<string> = new Set();

  constructor(log: Log) {
    this.#log = log;
  }

  opened(socket: ToldSocket): void {
    const fields = fieldsOf(socket);
    const message = `Listening on ${fields.address}, which ${fields.follows} follows`;
    this.#log.line('info', 'instance.listening', message, fields);
  }

  closed(socket: ToldSocket): void {
    const fields = fieldsOf(socket);
    const message = `No longer listening on ${fields.address}, which ${fields.follows} follows no more`;
    this.#log.line('info', 'instance.closed', message, fields);
  }

  failed(socket: ToldSocket, error: unknown): void {
    const fields = fieldsOf(socket);
    const why = error instanceof Error ? error.message : String(error);
    const message = `${why}; ${fields.follows} follows the address, so it is tried again`;
    this.#log.line('error', 'listener.follow-failed', message, fields);
  }

  /** Says which binds listen nowhere that did not do so when it was last asked. */
  unmet(listeners: readonly Listener[], table: InterfaceTable): void {
    const now = unmetFollows(listeners, table);
    for (const { listener, bind, message } of now)
      if (!this.#unmet.has(message))
        this.#log.line('error', 'listener.follows-nothing', message, { listener, follows: bind });
    this.#unmet = new Set(now.map(({ message }) => message));
  }
}

function fieldsOf({ bind, protocol, listener, follows }: ToldSocket): {
  readonly address: string;
  readonly listener: string;
  readonly follows: string;
} {
  const address = showAddress(bind, protocol);
  return { address, listener: listener.name, follows: showInterfaceBind(follows) };
}
