// Seals: texts that go to clients and come back, such as cookies, and that nobody else can have made or changed.

import { Buffer } from 'node:buffer';
import type { Seals } from '../proxy/authentication.ts';
import type { Clock, Digests } from './outside.ts';

/** What seals are made with, and for whom they count. */
export interface SealParts {
  readonly clock: Clock;
  readonly digests: Digests;
  readonly key: () => string;
  /** Client address and service: a cookie that somebody overheard is worth nothing elsewhere. */
  readonly scope: string;
}

// Longer than any cookie that browsers send (RFC 6265, 6.1).
const MAX_SEALED_LENGTH = 8_192;

// BASE64URL(text) "." time when it ends, in milliseconds since 1970, base 36 "." BASE64URL(HMAC-SHA-256)
const SEALED = /^([A-Za-z0-9_-]*)\.([0-9a-z]{1,11})\.([A-Za-z0-9_-]{43})$/;

/** The seals of one client at one service. */
export class SessionSeals implements Seals {
  readonly #parts: SealParts;

  constructor(parts: SealParts) {
    this.#parts = parts;
  }

  seal(purpose: string, text: string, lifetimeMs: number): string {
    const until = Math.floor(this.#parts.clock.now() + lifetimeMs).toString(36);
    const body = Buffer.from(text, 'utf8').toString('base64url');
    return `${body}.${until}.${this.#mac(purpose, until, body)}`;
  }

  open(purpose: string, sealed: string): string | undefined {
    if (sealed.length > MAX_SEALED_LENGTH) return undefined;
    const found = SEALED.exec(sealed);
    if (found === null) return undefined;
    const [, body = '', until = '', mac = ''] = found;
    const { digests, clock } = this.#parts;
    if (!digests.equal(mac, this.#mac(purpose, until, body))) return undefined;
    if (Number.parseInt(until, 36) <= clock.now()) return undefined;
    return Buffer.from(body, 'base64url').toString('utf8');
  }

  /** Lengths first, so that no character can move from one part to another. */
  #mac(purpose: string, until: string, body: string): string {
    const { digests, key, scope } = this.#parts;
    const parts = [purpose, scope, until, body];
    return digests.mac(key(), parts.map((part) => `${part.length}:${part}`).join(''));
  }
}
