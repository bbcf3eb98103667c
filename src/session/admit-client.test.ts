import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hello, serverName } from '../../test/support/client-hello.ts';
import { FakeStream } from '../../test/support/fake-stream.ts';
import { proxyOf, revisionOf, serviceOf, SessionWorld } from '../../test/support/session-world.ts';
import { samplePeer, sampleTlsFacts } from '../../test/support/sample-peer.ts';
import { SocketAddress } from '../address/socket-address.ts';
import {
  dynamicCertificate,
  sniCertificates,
  staticCertificate,
} from '../policy/certificate-source.ts';
import { clientOnlyEncryption, twoSidedEncryption } from '../policy/encryption.ts';
import type { ServerRequest } from '../proxy/engine.ts';
import { tlsServerName } from '../proxy/tls-server-name.ts';
import type { AdmittedClient } from './admit-client.ts';
import { admitClient } from './admit-client.ts';
import type { ServerResult } from './pump-host.ts';
import type { StackedSession } from './session.ts';
import type { ShownCertificate, TlsFacts, TlsResult } from './tls-layer.ts';

const address = SocketAddress.parse('198.51.100.1:443');
const HELLO = hello({ extensions: [serverName('www.example')] });
const REFUSED: ServerResult = {
  ok: false,
  failure: { reason: 'connect.refused', verdict: 'denied-by-connection-fail', message: 'no' },
};

interface Scene {
  readonly world: SessionWorld;
  readonly session: StackedSession;
  readonly client: FakeStream;
  readonly server: FakeStream;
  /** What was asked of the server side, and what answers it. */
  readonly asked: { readonly request: ServerRequest; isGivenUp: boolean }[];
  connected(result?: ServerResult, isTrusted?: boolean): void;
  /** What clients were shown: by the trusted, by the untrusted authority. */
  readonly shown: string[];
  accepted(result?: TlsResult): void;
  readonly results: AdmittedClient[];
  readonly giveUp: () => void;
}

interface Wish {
  readonly tellsRefusals?: boolean;
  readonly cannotMake?: boolean;
  readonly hasUntrusted?: boolean;
}

function factsOf(isTrusted: boolean): TlsFacts {
  const peer = samplePeer({ isTrusted, encoded: Buffer.from(isTrusted ? 'trusted' : 'untrusted') });
  return sampleTlsFacts({ serverName: 'www.example', peer });
}

function sceneOf({ tellsRefusals = true, cannotMake, hasUntrusted = true }: Wish = {}): Scene {
  const clientCertificate = dynamicCertificate({
    authority: { certificate: 'ca.pem', privateKey: 'ca.key' },
  });
  const encryption = twoSidedEncryption({ clientCertificate });
  const service = serviceOf('web', { proxy: proxyOf(() => [], { tellsRefusals }), encryption });
  const world = new SessionWorld(revisionOf(service));
  const session = world.session();
  const shown: string[] = [];
  const make = (text: string): ShownCertificate => {
    if (cannotMake === true) throw new Error('no paper');
    return {
      text: () => ({ certificate: text, privateKey: '', passphrase: undefined }),
      version: () => 0,
    };
  };
  world.certificates = {
    carryOver: (_source, { encoded, isTrusted }) =>
      isTrusted || hasUntrusted ? make(Buffer.from(encoded).toString()) : undefined,
    forServer: (_source, { name }) => (hasUntrusted ? make(`page for ${String(name)}`) : undefined),
  };
  let accepted: ((result: TlsResult) => void) | undefined;
  const client = new FakeStream();
  world.tls = {
    accept: (stream, _side, certificate, done) => {
      shown.push(certificate.text().certificate);
      accepted = done;
      return () => stream.destroy();
    },
    connect: () => assert.fail('The test connects'),
  };
  const asked: Scene['asked'] = [];
  const results: AdmittedClient[] = [];
  let connected: ((result: ServerResult) => void) | undefined;
  const server = new FakeStream();
  const giveUp = admitClient(world.runtime, session, service, {
    stream: client,
    connect: (request, done) => {
      const one = { request, isGivenUp: false };
      asked.push(one);
      connected = done;
      return () => {
        one.isGivenUp = true;
      };
    },
    done: (result) => results.push(result),
  });
  return {
    ...{ world, session, client, server, asked, shown, results, giveUp },
    connected: (result = { ok: true, stream: server, address }, isTrusted = true) => {
      if (result.ok) session.connection.tls = { server: factsOf(isTrusted) };
      connected?.(result);
    },
    accepted: (result = { ok: true, stream: client, facts: factsOf(true) }) => accepted?.(result),
  };
}

/** The client has said whom it wants, and its server is there. */
function connectedScene(wish?: Wish, isTrusted = true): Scene {
  const scene = sceneOf(wish);
  scene.client.says(HELLO).settle();
  scene.connected({ ok: true, stream: scene.server, address }, isTrusted);
  return scene;
}

function reasonOf({ results }: Scene): string | undefined {
  const [result] = results;
  assert.equal(results.length, 1);
  return result?.ok === false ? result.failure.reason : 'admitted';
}

describe('admitClient()', () => {
  it('lets in at once where there is no TLS with clients', () => {
    const service = serviceOf('web', { proxy: proxyOf(() => []) });
    const world = new SessionWorld(revisionOf(service));
    const stream = new FakeStream();
    const results: AdmittedClient[] = [];
    const connect = (): never => assert.fail('No server is needed');
    const admission = { stream, connect, done: (result: AdmittedClient) => results.push(result) };
    admitClient(world.runtime, world.session(), service, admission);
    assert.deepEqual(results, [{ ok: true, stream }]);
  });

  it('shows a client what the policy has for the name in its hello, before there is a session to resume', () => {
    const outcome = (bytes: Uint8Array, fails = false): string => {
      const [www, shop] = ['www', 'shop'].map((name) =>
        staticCertificate({ certificate: `${name}.pem`, privateKey: `${name}.key` }),
      );
      assert.ok(www !== undefined && shop !== undefined);
      const serverName = (name: string): boolean => {
        if (fails) throw new Error('a bug of the policy');
        return name === 'www.example';
      };
      const lines = [{ serverName, certificate: www }];
      const clientCertificate = sniCertificates({ certificates: lines });
      const encryption = clientOnlyEncryption({ clientCertificate });
      const service = serviceOf('web', { proxy: proxyOf(() => []), encryption });
      const world = new SessionWorld(revisionOf(service));
      const stream = new FakeStream();
      world.tls = {
        ...world.tls,
        accept: (given, _side, shown, done) => {
          assert.equal(shown, www);
          done({ ok: true, stream: given, facts: { ...factsOf(true), serverName: undefined } });
          return () => undefined;
        },
      };
      const session = world.session();
      const results: AdmittedClient[] = [];
      const connect = (): never => assert.fail('No server is needed');
      const admission = { stream, connect, done: (result: AdmittedClient) => results.push(result) };
      admitClient(world.runtime, session, service, admission);
      stream.says(bytes).settle();
      const [result] = results;
      assert.ok(result !== undefined && results.length === 1 && world.clock.armed === 0);
      if (result.ok) return session.get(tlsServerName) ?? 'nameless';
      assert.deepEqual(stream.calls, ['destroy']);
      return `${result.failure.reason}: ${result.failure.message}`;
    };
    const asking = (name: string): Uint8Array => hello({ extensions: [serverName(name)] });
    assert.equal(outcome(asking('WWW.example')), 'www.example');
    assert.match(outcome(asking('shop.example')), /^tls\.client-handshake: .*for shop\.example$/);
    assert.match(outcome(hello()), /^tls\.client-handshake: .*for no name$/);
    assert.match(outcome(asking('www.example'), true), /^tls\.client-handshake: .*a bug/);
    assert.match(outcome(Buffer.from('GET / HTTP/1.1\r\n')), /^tls\.not-tls/);
  });

  it('asks the client, then the server, and shows a certificate then', () => {
    const scene = sceneOf();
    scene.client.says(HELLO.subarray(0, 9)).settle();
    assert.equal(scene.asked.length, 0);
    scene.client.says(HELLO.subarray(9)).settle();
    assert.deepEqual(
      scene.asked.map(({ request }) => request.target?.host),
      ['www.example'],
    );
    scene.client.says('more').settle();
    assert.deepEqual([scene.asked.length, scene.shown.length], [1, 0]);
    scene.connected();
    assert.deepEqual(scene.shown, ['trusted']);
    scene.accepted();
    const [result] = scene.results;
    assert.ok(result?.ok === true && result.server?.ok === true);
    assert.equal(result.server.stream, scene.server);
    assert.equal(scene.session.connection.tls?.isVouchedFor, true);
    assert.deepEqual(scene.server.calls, []);
  });

  it('asks for no name where the client has none', () => {
    const scene = sceneOf();
    scene.client.says(hello()).settle();
    assert.deepEqual(scene.asked[0]?.request, {});
  });

  it('vouches for no server that is not trusted', () => {
    const scene = connectedScene({}, false);
    assert.deepEqual(scene.shown, ['untrusted']);
    scene.accepted();
    assert.equal(reasonOf(scene), 'admitted');
    assert.equal(scene.session.connection.tls?.isVouchedFor, false);
  });

  it('refuses what it can show no certificate for, and lets the server go', () => {
    const untold = connectedScene({ hasUntrusted: false }, false);
    assert.equal(reasonOf(untold), 'tls.certificate-untrusted');
    const unable = connectedScene({ cannotMake: true });
    assert.equal(reasonOf(unable), 'tls.certificate-not-made');
    for (const { client, server } of [untold, unable])
      assert.deepEqual([client.calls, server.calls], [['destroy'], ['destroy']]);
  });

  it('shows a certificate for the page of its proxy where there is no server', () => {
    const scene = sceneOf();
    scene.client.says(HELLO).settle();
    scene.connected(REFUSED);
    assert.deepEqual(scene.shown, ['page for www.example']);
    scene.accepted();
    const [result] = scene.results;
    assert.ok(result?.ok === true);
    assert.deepEqual(result.server, REFUSED);
  });

  it('fails as the server did where its proxy has no page, or nobody signs for it', () => {
    for (const wish of [{ tellsRefusals: false }, { hasUntrusted: false }, { cannotMake: true }]) {
      const scene = sceneOf(wish);
      scene.client.says(HELLO).settle();
      scene.connected(REFUSED);
      assert.equal(reasonOf(scene), 'connect.refused');
      assert.deepEqual(scene.client.calls, ['destroy']);
    }
  });

  it('lets the server go where the handshake with the client fails', () => {
    const scene = connectedScene();
    scene.accepted({ ok: false, failure: { reason: 'tls.client-alert', message: 'no' } });
    assert.equal(reasonOf(scene), 'tls.client-alert');
    assert.deepEqual(scene.server.calls, ['destroy']);
  });

  it('records what is wrong with a server where the client has heeded its warning', () => {
    const scene = sceneOf();
    scene.client.says(HELLO).settle();
    scene.connected(REFUSED);
    scene.accepted({ ok: false, failure: { reason: 'tls.client-alert', message: 'no' } });
    assert.equal(reasonOf(scene), 'connect.refused');
    const [result] = scene.results;
    assert.match(result?.ok === false ? result.failure.message : '', /; .*no$/);
  });

  it('ends clients that are no clients of TLS, silent ones, and those that are lost', () => {
    const plain = sceneOf();
    plain.client.says('GET / HTTP/1.1\r\n').settle();
    assert.equal(reasonOf(plain), 'tls.not-tls');
    const half = sceneOf();
    half.client.says(HELLO.subarray(0, 9)).ends().settle();
    assert.equal(reasonOf(half), 'tls.client-closed');
    const silent = sceneOf();
    silent.world.clock.advance(30_000);
    assert.equal(reasonOf(silent), 'tls.client-timeout');
    const lost = sceneOf();
    lost.client.says(HELLO).settle();
    lost.client.breaks().settle();
    assert.equal(reasonOf(lost), 'tls.client-closed');
    assert.equal(lost.asked[0]?.isGivenUp, true);
    lost.connected();
    assert.deepEqual(lost.server.calls, ['destroy']);
    for (const { world } of [plain, half, silent, lost]) assert.equal(world.clock.armed, 0);
  });

  it('is given up in every stage, and says nothing then', () => {
    const waiting = sceneOf();
    waiting.giveUp();
    const connecting = sceneOf();
    connecting.client.says(HELLO).settle();
    connecting.giveUp();
    assert.equal(connecting.asked[0]?.isGivenUp, true);
    const greeting = connectedScene();
    greeting.giveUp();
    greeting.giveUp();
    assert.deepEqual(greeting.server.calls, ['destroy']);
    for (const { client, results, world } of [waiting, connecting, greeting]) {
      assert.deepEqual([client.calls, results.length, world.clock.armed], [['destroy'], 0, 0]);
    }
  });
});
