// The client's side of SOCKS until its request is known: greeting, user and password, request; pieces of any size.

import { Buffer } from 'node:buffer';
import type { Bytes, ProxyAction } from '../../proxy/engine.ts';
import { Violation } from '../../proxy/violation.ts';
import type { Message, SocksRequest } from './socks-request.ts';
import { SocksRefused } from './socks-request.ts';
import { readRequest as readRequest4, SOCKS4 } from './socks4-messages.ts';
import type { Credentials } from './socks5-messages.ts';
import {
  credentialsBytes,
  methodBytes,
  METHODS,
  readCredentials,
  readGreeting,
  readRequest as readRequest5,
  SOCKS5,
} from './socks5-messages.ts';

/** A request, who makes it as far as that was said, and the bytes behind it. */
export interface AskedConnection extends SocksRequest {
  readonly credentials: Credentials | undefined;
  readonly rest: Bytes;
}

const COLON = 0x3a;

/** Whether the first byte of a client is that of SOCKS: no HTTP request begins so. */
export function isSocks(firstByte: number | undefined): boolean {
  return firstByte === SOCKS4 || firstByte === SOCKS5;
}

/** One handshake. It keeps at most the longest message, and what one read brought behind it. */
export class SocksHandshake {
  /** 4 or 5 once it has begun; 0 before. */
  version = 0;
  readonly #wantsCredentials: boolean;
  #expected: 'greeting' | 'credentials' | 'request' = 'greeting';
  #credentials: Credentials | undefined;
  #unread: Bytes = new Uint8Array(0);

  /** `wantsCredentials`: clients that can are asked who they are. */
  constructor(wantsCredentials: boolean) {
    this.#wantsCredentials = wantsCredentials;
  }

  /** Takes bytes and answers them, until the request is known. Throws a SocksRefused or a Violation. */
  take(bytes: Bytes, out: ProxyAction[]): AskedConnection | undefined {
    this.#unread = Buffer.concat([this.#unread, bytes]);
    if (this.#unread.length === 0) return undefined;
    if (this.version === 0) this.version = versionOf(this.#unread[0]);
    if (this.version === SOCKS4) return this.#asked(readRequest4(this.#unread));
    if (this.#expected === 'greeting') this.#greet(out);
    if (this.#expected === 'credentials') this.#hearCredentials(out);
    return this.#expected === 'request' ? this.#asked(readRequest5(this.#unread)) : undefined;
  }

  #greet(out: ProxyAction[]): void {
    const offered = this.#next(readGreeting(this.#unread));
    if (offered === undefined) return;
    const method = this.#choose(offered);
    if (method === undefined)
      throw new SocksRefused(
        methodBytes(METHODS.nothingAcceptable),
        'socks.no-method',
        'A SOCKS client offers no way to say who it is that is known here',
      );
    out.push({ type: 'send', to: 'client', bytes: methodBytes(method) });
    this.#expected = method === METHODS.password ? 'credentials' : 'request';
  }

  /** Who wants to know a user takes a client without one, too: whether it may ask is decided with its request. */
  #choose(offered: Bytes): typeof METHODS.none | typeof METHODS.password | undefined {
    const { none, password } = METHODS;
    const order = this.#wantsCredentials ? [password, none] : [none, password];
    return order.find((method) => offered.includes(method));
  }

  #hearCredentials(out: ProxyAction[]): void {
    const said = this.#next(readCredentials(this.#unread));
    if (said === undefined) return;
    if (said.user.length === 0 || said.user.includes(COLON))
      throw new SocksRefused(
        credentialsBytes('refused'),
        'socks.bad-user',
        'A SOCKS client names no user, or one with a colon',
      );
    // Whether they are right is told with the reply to the request: only then is known what they are needed for.
    out.push({ type: 'send', to: 'client', bytes: credentialsBytes('taken') });
    this.#credentials = said;
    this.#expected = 'request';
  }

  #asked(message: Message<SocksRequest> | undefined): AskedConnection | undefined {
    const request = this.#next(message);
    if (request === undefined) return undefined;
    return { ...request, credentials: this.#credentials, rest: this.#unread };
  }

  #next<Value>(message: Message<Value> | undefined): Value | undefined {
    if (message === undefined) return undefined;
    this.#unread = this.#unread.subarray(message.length);
    return message.value;
  }
}

function versionOf(firstByte: number | undefined): number {
  if (firstByte === SOCKS4 || firstByte === SOCKS5) return firstByte;
  throw new Violation('socks.bad-version', 'client', 'The client speaks neither SOCKS 4 nor 5');
}
