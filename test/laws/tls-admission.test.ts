// The beginning of an intercepted session under laws of its own: whatever a client says, in whatever pieces, its server is
// asked for by the name in its hello or not at all, nothing is answered in plain text, and TLS gets every byte once.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SocketAddress } from '../../src/address/socket-address.ts';
import { dynamicCertificate } from '../../src/policy/certificate-source.ts';
import { twoSidedEncryption } from '../../src/policy/encryption.ts';
import { readClientHello } from '../../src/protocols/tls/client-hello.ts';
import type { ServerRequest } from '../../src/proxy/engine.ts';
import type { AdmittedClient } from '../../src/session/admit-client.ts';
import { admitClient } from '../../src/session/admit-client.ts';
import type { ServerResult } from '../../src/session/pump-host.ts';
import type { Stream } from '../../src/session/stream.ts';
import type { ShownCertificate, TlsFacts, TlsResult } from '../../src/session/tls-layer.ts';
import { chunkSizes } from '../support/arbitraries.ts';
import { FakeStream } from '../support/fake-stream.ts';
import { clientBeginnings } from '../support/hello-arbitraries.ts';
import { toText } from '../support/latin1.ts';
import { proxyOf, revisionOf, serviceOf, SessionWorld } from '../support/session-world.ts';
import { samplePeer, sampleTlsFacts } from '../support/sample-peer.ts';
import { tryAllAsync } from './run-law.ts';

const address = SocketAddress.parse('198.51.100.1:443');
const HANDSHAKE_MS = 30_000;
const NO_SERVER: ServerResult = {
  ok: false,
  failure: { reason: 'connect.refused', verdict: 'denied-by-connection-fail', message: 'no' },
};

/** One client, and the world that it meets. */
interface Meeting {
  readonly said: Buffer;
  readonly sizes: readonly number[];
  /** Whether it says no more. */
  readonly ends: boolean;
  readonly server: 'trusted' | 'untrusted' | 'refused';
  /** After so many pieces the server has been connected. */
  readonly connectedAfter: number;
  readonly isHandshakeGood: boolean;
}

interface Outcome {
  readonly asked: readonly (string | undefined)[];
  readonly shown: readonly string[];
  /** What TLS has heard of the client; undefined if it was never asked. */
  readonly heard: string | undefined;
  readonly reason: string;
}

class MeetingScene {
  readonly world: SessionWorld;
  readonly client = new FakeStream();
  readonly server = new FakeStream();
  readonly requests: ServerRequest[] = [];
  readonly results: AdmittedClient[] = [];
  readonly shown: string[] = [];
  readonly #meeting: Meeting;
  #connected: ((result: ServerResult) => void) | undefined;
  #isConnected = false;
  #heard: Buffer[] | undefined;

  constructor(meeting: Meeting) {
    this.#meeting = meeting;
    const files = { certificate: 'ca.pem', privateKey: 'ca.key' };
    const clientCertificate = dynamicCertificate({ authority: files, untrustedAuthority: files });
    const encryption = twoSidedEncryption({ clientCertificate });
    const proxy = proxyOf(() => [], { tellsRefusals: true });
    const service = serviceOf('web', { proxy, encryption });
    this.world = new SessionWorld(revisionOf(service));
    const session = this.world.session();
    this.world.certificates = {
      carryOver: (_, { isTrusted }) => certificate(isTrusted ? 'trusted' : 'untrusted'),
      forServer: () => certificate('page'),
    };
    this.world.tls = {
      accept: (stream, _, made, done) => this.#accept(stream, done, made),
      connect: () => assert.fail('The law connects'),
    };
    admitClient(this.world.runtime, session, service, {
      stream: this.client,
      connect: (request, done) => {
        this.requests.push(request);
        this.#connected = (result) => {
          const peer = peerOf(meeting.server === 'trusted');
          if (result.ok) session.connection.tls = { server: sampleTlsFacts({ peer }) };
          done(result);
        };
        return () => undefined;
      },
      done: (result) => this.results.push(result),
    });
  }

  /** TLS listens from now on, and its handshake is over when the client has said everything. */
  #accept(stream: Stream, done: (result: TlsResult) => void, made: ShownCertificate): () => void {
    this.shown.push(made.text().certificate);
    const heard: Buffer[] = [];
    this.#heard = heard;
    const nothing = (): void => undefined;
    const received = (bytes: Uint8Array): void => void heard.push(Buffer.from(bytes));
    stream.listen({ received, ended: nothing, drained: nothing, closed: nothing });
    this.#finish = () => {
      if (this.#meeting.isHandshakeGood) done({ ok: true, stream, facts: sampleTlsFacts() });
      else done({ ok: false, failure: { reason: 'tls.client-alert', message: 'no' } });
    };
    return () => stream.destroy();
  }

  #finish = (): void => undefined;

  async play(): Promise<Outcome> {
    const { said, sizes, ends, connectedAfter } = this.#meeting;
    let at = 0;
    for (let turn = 0; at < said.length; turn++) {
      const size = sizes[turn % sizes.length] ?? Infinity;
      this.client.says(said.subarray(at, at + size)).settle();
      at += size;
      if (turn >= connectedAfter) this.#connectServer();
      await settled();
    }
    if (ends) this.client.ends().settle();
    await settled();
    this.#connectServer();
    await settled();
    this.client.settle();
    await settled();
    this.#finish();
    this.world.clock.advance(HANDSHAKE_MS);
    await settled();
    const [result] = this.results;
    return {
      asked: this.requests.map(({ target }) => target?.host),
      shown: this.shown,
      heard: this.#heard === undefined ? undefined : toText(Buffer.concat(this.#heard)),
      reason: result?.ok === false ? result.failure.reason : 'admitted',
    };
  }

  #connectServer(): void {
    if (this.#isConnected || this.#connected === undefined) return;
    this.#isConnected = true;
    const isThere = this.#meeting.server !== 'refused';
    this.#connected(isThere ? { ok: true, stream: this.server, address } : NO_SERVER);
  }
}

function certificate(text: string): ShownCertificate {
  const shown = { certificate: text, privateKey: '', passphrase: undefined };
  return { text: () => shown, version: () => 0 };
}

function peerOf(isTrusted: boolean): TlsFacts['peer'] {
  return samplePeer({ isTrusted, encoded: Buffer.alloc(0) });
}

/** Streams tell what they have looked at in microtasks. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await Promise.resolve();
}

const meetings: fc.Arbitrary<Meeting> = fc
  .record({
    beginning: clientBeginnings,
    more: fc.uint8Array({ maxLength: 30 }),
    sizes: chunkSizes,
    ends: fc.boolean(),
    server: fc.constantFrom('trusted' as const, 'untrusted' as const, 'refused' as const),
    connectedAfter: fc.nat(20),
    isHandshakeGood: fc.boolean(),
  })
  .map(({ beginning, more, ...rest }) => ({ ...rest, said: Buffer.concat([beginning, more]) }));

describe('an intercepted client', () => {
  it('gets to the server of its hello by TLS, or nowhere, in whatever pieces it comes', async () => {
    await tryAllAsync(meetings, async (meeting) => {
      const scene = new MeetingScene(meeting);
      const outcome = await scene.play();
      const reading = readClientHello(meeting.said);
      assert.equal(scene.results.length, 1, 'it is told once');
      assert.equal(scene.world.clock.armed, 0);
      assert.equal(scene.client.output, '', 'nothing is answered in plain text');
      assert.equal(scene.server.output, '');
      if (reading.kind === 'hello') {
        assert.deepEqual(outcome.asked, [reading.hello.serverName]);
        const { server } = meeting;
        assert.deepEqual(outcome.shown, [server === 'refused' ? 'page' : server]);
        assert.equal(outcome.heard, toText(meeting.said), 'TLS gets every byte once');
        if (!meeting.isHandshakeGood) assert.notEqual(outcome.reason, 'admitted');
      } else {
        assert.deepEqual([outcome.asked, outcome.shown, outcome.heard], [[], [], undefined]);
        const cut = meeting.ends ? 'tls.client-closed' : 'tls.client-timeout';
        assert.equal(outcome.reason, reading.kind === 'incomplete' ? cut : 'tls.not-tls');
      }
      if (outcome.reason !== 'admitted' && outcome.shown.length === 0)
        assert.deepEqual(scene.client.calls, ['destroy']);
      const whole = { ...meeting, sizes: [Infinity], connectedAfter: 20 };
      assert.deepEqual(await new MeetingScene(whole).play(), outcome);
    });
  });
});
