import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeStream } from '../../test/support/fake-stream.ts';
import { sampleTlsFacts } from '../../test/support/sample-peer.ts';
import { proxyOf, revisionOf, serviceOf, SessionWorld } from '../../test/support/session-world.ts';
import { SocketAddress } from '../address/socket-address.ts';
import { staticCertificate } from '../policy/certificate-source.ts';
import type { Encryption } from '../policy/encryption.ts';
import {
  clientOnlyEncryption,
  serverOnlyEncryption,
  twoSidedEncryption,
} from '../policy/encryption.ts';
import { tlsServerName } from '../proxy/tls-server-name.ts';
import type { Router } from '../policy/router.ts';
import { inbandRouter, route } from '../policy/router.ts';
import type { Service } from '../policy/service.ts';
import type { SecuredClient, SecuredServer } from './secured-sides.ts';
import { secureClient, secureServer } from './secured-sides.ts';
import type { StackedSession } from './session.ts';
import type { PeerCertificate, TlsResult, TlsServer } from './tls-layer.ts';

const clientCertificate = staticCertificate({ certificate: 'a', privateKey: 'b' });
const address = SocketAddress.parse('192.0.2.1:443');
const facts = sampleTlsFacts({ serverName: 'www.example' });

interface Scene {
  readonly world: SessionWorld;
  readonly session: StackedSession;
  readonly service: Service;
  /** Servers that TLS was begun with. */
  readonly asked: TlsServer[];
  /** What the handshake comes to. */
  result: TlsResult;
}

function sceneOf(encryption: Encryption | undefined, router?: Router): Scene {
  const options = encryption === undefined ? {} : { encryption };
  const routed = router === undefined ? {} : { router };
  const service = serviceOf('web', { proxy: proxyOf(() => []), ...options, ...routed });
  const world = new SessionWorld(revisionOf(service, []));
  const session = world.session();
  session.setRoute(route(service.router, session.clientAddress, session.clientLocal));
  const stream = new FakeStream();
  const asked: TlsServer[] = [];
  const scene: Scene = {
    ...{ world, session, service, asked },
    result: { ok: true, stream, facts },
  };
  world.tls = {
    accept: (_stream, _side, _shown, done) => {
      done(scene.result);
      return () => undefined;
    },
    connect: (_stream, _side, server, done) => {
      asked.push(server);
      done(scene.result);
      return () => undefined;
    },
  };
  return scene;
}

function client(scene: Scene): SecuredClient {
  return securedBy(scene, 'www.example');
}

/** What becomes of a client whose hello asks for this server. */
function securedBy(
  { world, session, service }: Scene,
  serverName: string | undefined,
): SecuredClient {
  const results: SecuredClient[] = [];
  const request = {
    ...{ stream: new FakeStream(), serverName, shown: clientCertificate },
    done: (result: SecuredClient) => results.push(result),
  };
  secureClient(world.runtime, session, service, request);
  const [result] = results;
  assert.ok(result !== undefined && results.length === 1);
  return result;
}

function server({ world, session, service }: Scene, host?: string): SecuredServer {
  const results: SecuredServer[] = [];
  const stream = { stream: new FakeStream(), address, host };
  secureServer(world.runtime, session, service, { stream, done: (result) => results.push(result) });
  const [result] = results;
  assert.ok(result !== undefined && results.length === 1);
  return result;
}

describe('the sides of a session', () => {
  it('are plain where the service wants no TLS', () => {
    for (const scene of [sceneOf(undefined), sceneOf(serverOnlyEncryption())])
      assert.equal(client(scene).ok, true);
    for (const scene of [
      sceneOf(undefined),
      sceneOf(clientOnlyEncryption({ clientCertificate })),
    ]) {
      assert.equal(server(scene).ok, true);
      assert.equal(scene.session.connection.tls, undefined);
    }
  });

  it('are noted for the record', () => {
    const scene = sceneOf(twoSidedEncryption({ clientCertificate }));
    client(scene);
    assert.deepEqual(scene.session.connection.tls, { client: facts });
    server(scene);
    assert.deepEqual(scene.session.connection.tls, { client: facts, server: facts });
  });

  it('are shown to functions of the policy, which can change nothing of what others see', () => {
    const scene = sceneOf(twoSidedEncryption({ clientCertificate }));
    const peer: PeerCertificate = {
      ...{ subject: 'CN=a', issuer: 'CN=b', names: ['a.example'], serialNumber: '1' },
      ...{ fingerprint: '00', validFrom: 0, validTo: 1, isTrusted: true, isNameChecked: true },
      ...{ finding: undefined, ocsp: undefined, encoded: new Uint8Array(1) },
    };
    scene.result = { ok: true, stream: new FakeStream(), facts: { ...facts, peer } };
    server(scene);
    const { tls } = scene.session.forPolicy;
    const seen = tls?.server;
    for (const thing of [tls, seen, seen?.peer, seen?.peer?.names])
      assert.ok(thing !== undefined && Object.isFrozen(thing));
  });

  it('know the client by its first hello: a second one may say no other name, and a resumed session none', () => {
    for (const [said, asked, isAccepted] of [
      ['www.example', 'www.example', true],
      ['other.example', 'www.example', false],
      ['www.example', undefined, false],
      [undefined, 'www.example', true],
      [undefined, undefined, true],
    ] as const) {
      const scene = sceneOf(clientOnlyEncryption({ clientCertificate }));
      const stream = new FakeStream();
      scene.result = { ok: true, stream, facts: { ...facts, serverName: said } };
      const result = securedBy(scene, asked);
      assert.equal(result.ok, isAccepted, `${String(said)} after ${String(asked)}`);
      assert.deepEqual(stream.calls, isAccepted ? [] : ['destroy']);
      const { session } = scene;
      assert.equal(session.get(tlsServerName), isAccepted ? asked : undefined);
      assert.equal(session.connection.tls?.client?.serverName, isAccepted ? asked : undefined);
    }
  });

  it('ask for the server that the policy names, else the protocol, else the client', () => {
    const both = sceneOf(twoSidedEncryption({ clientCertificate }));
    client(both);
    for (const host of ['named.example', undefined, '192.0.2.1']) server(both, host);
    const named = sceneOf(serverOnlyEncryption({ serverName: 'policy.example' }));
    server(named, 'named.example');
    const nobody = sceneOf(serverOnlyEncryption());
    server(nobody);
    const names = [both, named, nobody].flatMap(({ asked }) => asked.map(({ name }) => name));
    const expected = ['named.example', 'www.example', 'www.example', 'policy.example', undefined];
    assert.deepEqual(names, expected);
  });

  it('ask nothing in the name of the client of a server that the protocol chooses by its address', () => {
    const scene = sceneOf(twoSidedEncryption({ clientCertificate }), inbandRouter());
    client(scene);
    for (const host of ['parent.example', '192.0.2.1', undefined]) server(scene, host);
    const names = scene.asked.map(({ name }) => name);
    assert.deepEqual(names, ['parent.example', undefined, 'www.example']);
  });

  it('refuse a server that is not trusted where the client was told that it is', () => {
    const scene = sceneOf(twoSidedEncryption({ clientCertificate }));
    scene.session.connection.tls = { isVouchedFor: true };
    const failure = server(scene);
    assert.ok(!failure.ok);
    assert.deepEqual(
      [failure.failure.verdict, failure.failure.reason],
      ['denied-by-policy', 'tls.certificate-untrusted'],
    );
    scene.session.connection.tls = { isVouchedFor: false };
    assert.equal(server(scene).ok, true);
  });

  it('tell the refusals of the policy from failures of the network', () => {
    const scene = sceneOf(twoSidedEncryption({ clientCertificate }));
    const verdicts = {
      'tls.certificate-expired': 'denied-by-policy',
      'tls.no-certificate-shown': 'denied-by-policy',
      'tls.chain-too-long': 'denied-by-policy',
      'tls.weak-certificate': 'denied-by-policy',
      'tls.version-refused': 'denied-by-policy',
      'tls.server-timeout': 'denied-by-connection-fail',
      'tls.not-tls': 'denied-by-connection-fail',
    };
    for (const [reason, verdict] of Object.entries(verdicts)) {
      scene.result = { ok: false, failure: { reason, message: 'why' } };
      for (const result of [client(scene), server(scene)])
        assert.deepEqual(result, { ok: false, failure: { reason, message: 'why', verdict } });
    }
  });
});
