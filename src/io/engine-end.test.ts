// What a peer of the engine sends at moments when nobody hears it, or in parts: none of it is lost.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeStream } from '../../test/support/fake-stream.ts';
import { needsOpenSsl, testShare } from '../../test/support/tls-layers.ts';
import { makeAuthority, readAuthority } from '../keybridge/authority.ts';
import { certificateForName } from '../keybridge/server-certificate.ts';
import { newServerKey } from '../keybridge/server-key.ts';
import { pemOf } from '../keybridge/sign-certificate.ts';
import { DEFAULT_TLS_OPTIONS } from '../policy/tls-options.ts';
import type { StreamListener } from '../session/stream.ts';
import type { ContextPlan } from './context-library.ts';
import { EngineStream } from './engine-stream.ts';
import { OpenSslConnection } from './openssl-connection.ts';
import type { OpenSslContext } from './openssl-context.ts';
import type { OpenSslShare } from './openssl-share.ts';

const NAME = 'www.example';
const SSL_CTRL_SET_MAX_SEND_FRAGMENT = 52;
const RECORD_HEADER_BYTES = 5;

describe('the end of what a client sends to the engine', needsOpenSsl(), () => {
  it('comes behind the bytes that came with the end of the handshake, however late those are heard', () => {
    for (const permitTruncation of [false, true]) {
      const scene = new Scene({ permitTruncation });
      const hello = scene.peer.shake();
      scene.beneath.says(hello).settle();
      const last = scene.peer.shake(scene.takeOutput());
      const rest = Buffer.concat([scene.peer.say('all of it'), scene.peer.end()]);
      scene.beneath.says(Buffer.concat([last, rest])).ends();
      scene.onSecured = () => scene.listen();
      scene.beneath.settle(); // no microtask runs in between, as in a batch of the driver
      assert.deepEqual(scene.said, ['all of it', 'ended'], String(permitTruncation));
      assert.equal(scene.stream.isTruncated, false);
    }
  });
});

describe('what is written to a server of the engine', needsOpenSsl(), () => {
  it('waits while a ticket has come in part, and so does the end behind it', async () => {
    const scene = new Scene({ side: 'server', fragmentBytes: 512 });
    scene.beneath.says(scene.peer.shake(scene.takeOutput())).settle();
    const tickets = scene.peer.shake(scene.takeOutput());
    scene.listen();
    const first = RECORD_HEADER_BYTES + tickets.readUInt16BE(3);
    assert.ok(first < tickets.length, 'tickets of several records');
    scene.beneath.says(tickets.subarray(0, first)).settle();
    scene.takeOutput();

    assert.equal(scene.stream.write(Buffer.from('one ')), false);
    assert.equal(scene.stream.write(Buffer.from('two')), false);
    scene.stream.end();
    assert.deepEqual(scene.beneath.calls, []);
    assert.equal(scene.takeOutput().length, 0);

    scene.beneath.says(tickets.subarray(first)).settle();
    assert.deepEqual(scene.beneath.calls, ['end']);
    assert.equal(scene.peer.hear(scene.takeOutput()), 'one two');
    assert.equal(scene.peer.connection.state, 'ended');
    scene.beneath
      .says(Buffer.concat([scene.peer.say('answer'), scene.peer.end()]))
      .ends()
      .settle();
    await Promise.resolve();
    assert.deepEqual(scene.said, ['answer', 'ended', 'closed']);
  });

  it('is told of when there is room again', () => {
    const scene = new Scene({ side: 'server', fragmentBytes: 512 });
    scene.beneath.says(scene.peer.shake(scene.takeOutput())).settle();
    const tickets = scene.peer.shake(scene.takeOutput());
    scene.listen();
    scene.beneath.says(tickets.subarray(0, -1)).settle();
    assert.equal(scene.stream.write(Buffer.from('text')), false);
    scene.beneath.says(tickets.subarray(-1)).settle();
    assert.deepEqual(scene.said, ['drained']);
    assert.equal(scene.stream.write(Buffer.from(' more')), true);
    assert.equal(scene.peer.hear(scene.takeOutput()), 'text more');
  });

  it('breaks off where the server ends in the middle of such a message', async () => {
    const scene = new Scene({ side: 'server', fragmentBytes: 512 });
    scene.beneath.says(scene.peer.shake(scene.takeOutput())).settle();
    const tickets = scene.peer.shake(scene.takeOutput());
    scene.listen();
    const first = RECORD_HEADER_BYTES + tickets.readUInt16BE(3);
    scene.beneath.says(tickets.subarray(0, first)).settle();
    scene.stream.write(Buffer.from('text'));
    scene.beneath.ends().settle();
    await Promise.resolve();
    assert.deepEqual(scene.said, ['closed ETRUNCATED']);
  });
});

interface Wish {
  /** Which peer the stream has. Default: a client. */
  readonly side?: 'client' | 'server';
  readonly permitTruncation?: boolean;
  /** Records of the peer have at most so many bytes. */
  readonly fragmentBytes?: number;
}

/** A side of TLS whose handshake has begun, over a stream whose timing is the test's. */
class Scene {
  readonly beneath = new FakeStream();
  readonly said: string[] = [];
  readonly stream: EngineStream;
  readonly peer: Peer;
  onSecured: () => void = () => undefined;
  #taken = 0;

  constructor({ side = 'client', permitTruncation = false, fragmentBytes }: Wish) {
    const share = testShare();
    const { client, server } = contextsOf(share);
    if (fragmentBytes !== undefined)
      share.openSsl.SSL_CTX_ctrl(server.pointer, SSL_CTRL_SET_MAX_SEND_FRAGMENT, fragmentBytes, 0);
    const begin = { serverName: NAME, session: undefined, asksStaple: false };
    const asServer = new OpenSslConnection(share, server);
    const asClient = new OpenSslConnection(share, client, begin);
    const [own, other] = side === 'client' ? [asServer, asClient] : [asClient, asServer];
    this.peer = new Peer(share, other);
    this.stream = new EngineStream(share, own, this.beneath, { permitTruncation });
    this.stream.begin({
      accepts: () => true,
      secured: () => this.onSecured(),
      failed: (error) => assert.fail(error?.message ?? 'no handshake'),
    });
  }

  /** What the stream has sent since. */
  takeOutput(): Buffer {
    const all = Buffer.from(this.beneath.output, 'latin1');
    const taken = this.#taken;
    this.#taken = all.length;
    return all.subarray(taken);
  }

  listen(): void {
    const { said } = this;
    const listener: StreamListener = {
      received: (bytes) => said.push(Buffer.from(bytes).toString()),
      ended: () => said.push('ended'),
      drained: () => said.push('drained'),
      closed: (error) => said.push(error === undefined ? 'closed' : `closed ${error}`),
    };
    this.stream.listen(listener);
  }
}

/** The other side, which only does what it is told. */
class Peer {
  readonly connection: OpenSslConnection;
  readonly #share: OpenSslShare;

  constructor(share: OpenSslShare, connection: OpenSslConnection) {
    this.#share = share;
    this.connection = connection;
  }

  /** Goes on with the handshake; its answer. */
  shake(bytes: Uint8Array = Buffer.alloc(0)): Buffer {
    this.#share.put(bytes);
    this.connection.handshake();
    assert.equal(this.connection.error, undefined);
    assert.equal(this.#share.takeBack().length, 0);
    return this.#answer();
  }

  say(text: string): Buffer {
    this.connection.write(Buffer.from(text));
    return this.#answer();
  }

  end(): Buffer {
    this.connection.end();
    return this.#answer();
  }

  hear(bytes: Uint8Array): string {
    this.#share.put(bytes);
    const heard = Buffer.from(this.#share.decrypted(this.connection)).toString();
    assert.equal(this.#answer().length, 0);
    return heard;
  }

  #answer(): Buffer {
    return Buffer.from(this.#share.takeOutgoing());
  }
}

/** Both show a certificate, so that a ticket of the server, with that of the client in it, is long. */
function contextsOf(share: OpenSslShare): { client: OpenSslContext; server: OpenSslContext } {
  const now = Date.now();
  const files = makeAuthority({ name: 'authority', now });
  const authority = readAuthority({ ...files, passphrase: undefined }, now);
  const { publicKey, privateKey } = newServerKey();
  const { encoded } = certificateForName({ name: NAME }, { authority, publicKey, now });
  const certificate = { certificate: pemOf(encoded), privateKey, passphrase: undefined };
  const plan: ContextPlan = {
    tls: DEFAULT_TLS_OPTIONS,
    ciphers: 'TLS_AES_128_GCM_SHA256',
    sessionIdContext: 'end',
    hasTickets: true,
    asksClients: false,
    certificate,
    trust: undefined,
  };
  const asking = { ...plan, asksClients: true };
  return { client: share.contexts.make(plan), server: share.contexts.make(asking) };
}
