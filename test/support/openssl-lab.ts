// Connections of OpenSSL in memory, for tests: what they are made of, and who carries bytes from one to the other.
import { DEFAULT_CIPHERS } from 'node:tls';
import type { ContextPlan } from '../../src/io/context-library.ts';
import type { ServerHandshake } from '../../src/io/openssl-connection.ts';
import { OpenSslConnection } from '../../src/io/openssl-connection.ts';
import type { OpenSslContext } from '../../src/io/openssl-context.ts';
import type { OpenSslShare } from '../../src/io/openssl-share.ts';
import { TAKEN_BYTES, WRITTEN_BYTES } from '../../src/io/openssl-share.ts';
import { makeAuthority, readAuthority } from '../../src/keybridge/authority.ts';
import { certificateForName } from '../../src/keybridge/server-certificate.ts';
import { newServerKey } from '../../src/keybridge/server-key.ts';
import { pemOf } from '../../src/keybridge/sign-certificate.ts';
import type { CheckedTlsOptions } from '../../src/policy/tls-options.ts';
import { DEFAULT_TLS_OPTIONS } from '../../src/policy/tls-options.ts';

/** Whom clients of tests ask for. */
export const SERVER_NAME = 'www.example';

/** A certificate with its key. */
export type OwnCertificate = NonNullable<ContextPlan['certificate']>;

/** An authority in memory, and what it signs: made without a program. */
export class LabAuthority {
  /** PEM. */
  readonly certificate: string;
  /** PEM. */
  readonly privateKey: string;
  readonly #now = Date.now();
  /** All that it signs has this key. */
  readonly key = newServerKey();

  constructor(name = 'authority') {
    ({ certificate: this.certificate, privateKey: this.privateKey } = makeAuthority({
      name,
      now: this.#now,
    }));
  }

  issue(name = SERVER_NAME): OwnCertificate {
    const files = { certificate: this.certificate, privateKey: this.privateKey };
    const authority = readAuthority({ ...files, passphrase: undefined }, this.#now);
    const { publicKey, privateKey } = this.key;
    const making = { authority, publicKey, now: this.#now };
    const { encoded } = certificateForName({ name }, making);
    return { certificate: pemOf(encoded), privateKey, passphrase: undefined };
  }
}

/** What is other than usual. */
export type PlanWish = Partial<Omit<ContextPlan, 'tls'>> & {
  readonly tls?: Partial<CheckedTlsOptions>;
};

/** A plan without a certificate that trusts nobody, but for what is wished. */
export function labPlan({ tls, ...wish }: PlanWish = {}): ContextPlan {
  return {
    ciphers: DEFAULT_CIPHERS,
    sessionIdContext: 'lab',
    hasTickets: true,
    asksClients: false,
    certificate: undefined,
    trust: undefined,
    ...wish,
    tls: { ...DEFAULT_TLS_OPTIONS, ...tls },
  };
}

/** How a handshake with the server of tests begins. */
export const USUAL_SERVER: ServerHandshake = {
  serverName: SERVER_NAME,
  session: undefined,
  asksStaple: false,
};

/** A connection that a test feeds. It takes bytes as the engine does, and its answers are the test's to carry. */
export class MemoryEnd {
  readonly connection: OpenSslConnection;
  isShaken = false;
  readonly #heard: Buffer[] = [];
  readonly #share: OpenSslShare;

  constructor(share: OpenSslShare, connection: OpenSslConnection) {
    this.#share = share;
    this.connection = connection;
  }

  /** All that was decrypted. */
  get heard(): Buffer {
    return Buffer.concat(this.#heard);
  }

  get isOpen(): boolean {
    return this.connection.state === 'open';
  }

  /** Takes bytes of the peer; what it answers. */
  take(bytes: Uint8Array = NOTHING): Buffer {
    const answers = [this.#take(bytes.subarray(0, TAKEN_BYTES))];
    for (let at = TAKEN_BYTES; at < bytes.length; at += TAKEN_BYTES)
      answers.push(this.#take(bytes.subarray(at, at + TAKEN_BYTES)));
    return Buffer.concat(answers);
  }

  #take(bytes: Uint8Array): Buffer {
    if (!this.isOpen) return NOTHING;
    const answers: Uint8Array[] = [];
    let rest = Buffer.from(bytes);
    if (!this.isShaken) {
      this.#share.put(rest);
      this.isShaken = this.connection.handshake();
      rest = Buffer.from(this.#share.takeBack());
      answers.push(Buffer.from(this.#share.takeOutgoing()));
    }
    if (this.isShaken && rest.length > 0) {
      this.#share.put(rest);
      this.#heard.push(Buffer.from(this.#share.decrypted(this.connection)));
      answers.push(Buffer.from(this.#share.takeOutgoing()));
    }
    return Buffer.concat(answers);
  }

  /** What comes of these bytes. */
  say(bytes: Uint8Array | string): Buffer {
    const all = Buffer.from(bytes);
    const records: Buffer[] = [];
    for (let at = 0; at < all.length; at += WRITTEN_BYTES) {
      this.connection.write(all.subarray(at, at + WRITTEN_BYTES));
      records.push(Buffer.from(this.#share.takeOutgoing()));
    }
    return Buffer.concat(records);
  }

  end(): Buffer {
    this.connection.end();
    return Buffer.from(this.#share.takeOutgoing());
  }
}

/** Two of them. */
export interface MemoryPair {
  readonly client: MemoryEnd;
  readonly server: MemoryEnd;
}

/** Makes two connections that have not begun. */
export function memoryPair(
  share: OpenSslShare,
  contexts: { readonly client: OpenSslContext; readonly server: OpenSslContext },
  asked: Partial<ServerHandshake> = {},
): MemoryPair {
  const begin = { ...USUAL_SERVER, ...asked };
  const client = new MemoryEnd(share, new OpenSslConnection(share, contexts.client, begin));
  const server = new MemoryEnd(share, new OpenSslConnection(share, contexts.server));
  return { client, server };
}

/** Carries what the client says to the server, and back, in pieces of this size, until neither has more to say. */
export function carry({ client, server }: MemoryPair, pieceBytes = Infinity): void {
  let toServer = client.take();
  let toClient: Buffer = NOTHING;
  while (toServer.length + toClient.length > 0) {
    toClient = Buffer.concat([toClient, takeInPieces(server, toServer, pieceBytes)]);
    toServer = takeInPieces(client, toClient, pieceBytes);
    toClient = NOTHING;
  }
}

/** Has an end take bytes in pieces; its answers. */
export function takeInPieces(end: MemoryEnd, bytes: Uint8Array, pieceBytes: number): Buffer {
  const size = Math.min(pieceBytes, TAKEN_BYTES);
  const answers: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size)
    answers.push(end.take(bytes.subarray(at, at + size)));
  return Buffer.concat(answers);
}

/** Frees both. */
export function freeBoth({ client, server }: MemoryPair): void {
  client.connection.free();
  server.connection.free();
}

const NOTHING: Buffer = Buffer.alloc(0);
