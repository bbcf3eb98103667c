// A session as functions of the policy get it: what they may read and note, and no way to what other sessions, or the record,
// depend on.

import { SHOWN, shownValues } from '../address/shown.ts';
import type { SocketAddress } from '../address/socket-address.ts';
import type { Transport } from '../address/transport.ts';
import type { IpAddress } from '../address/ip-address.ts';
import type { Attribute, NamedZone, ProxySession } from '../proxy/proxy-session.ts';
import type { SessionTls } from '../proxy/tls-facts.ts';

/** Looks at a session, and has nothing of its own. */
export class PolicySession implements ProxySession {
  readonly #session: ProxySession;

  constructor(session: ProxySession) {
    this.#session = session;
  }

  get sessionId(): string {
    return this.#session.sessionId;
  }

  get protocol(): Transport {
    return this.#session.protocol;
  }

  get clientAddress(): SocketAddress {
    return this.#session.clientAddress;
  }

  get clientLocal(): SocketAddress {
    return this.#session.clientLocal;
  }

  get clientZone(): NamedZone | undefined {
    return this.#session.clientZone;
  }

  get serverAddress(): SocketAddress | undefined {
    return this.#session.serverAddress;
  }

  get serverLocal(): SocketAddress | undefined {
    return this.#session.serverLocal;
  }

  get serverZone(): NamedZone | undefined {
    return this.#session.serverZone;
  }

  get targetAddress(): readonly SocketAddress[] {
    return this.#session.targetAddress;
  }

  get targetAddressInband(): boolean {
    return this.#session.targetAddressInband;
  }

  get isStacked(): boolean {
    return this.#session.isStacked;
  }

  get targetLocal(): SocketAddress | undefined {
    return this.#session.targetLocal;
  }

  get tls(): SessionTls | undefined {
    return this.#session.tls;
  }

  get user(): string | undefined {
    return this.#session.user;
  }

  get groups(): readonly string[] {
    return this.#session.groups;
  }

  get<Value>(attribute: Attribute<Value>): Value | undefined {
    return this.#session.get(attribute);
  }

  set<Value>(attribute: Attribute<Value>, value: Value): void {
    this.#session.set(attribute, value);
  }

  warn(code: string): boolean {
    return this.#session.warn(code);
  }

  zoneOf(address: IpAddress): NamedZone | undefined {
    return this.#session.zoneOf(address);
  }

  [SHOWN](): object {
    return shownValues(this);
  }
}

// Nobody puts anything of their own in the place of what all sessions share.
Object.freeze(PolicySession.prototype);
