// Visits through dispatch: a rule whose detector asks for the certificate of the server.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hello, serverName } from '../../test/support/client-hello.ts';
import { act } from '../../test/support/pump-world.ts';
import { samplePeer, sampleTlsFacts } from '../../test/support/sample-peer.ts';
import { proxyOf, serviceOf, SessionWorld } from '../../test/support/session-world.ts';
import { definePolicy } from '../policy/define-policy.ts';
import { serverOnlyEncryption } from '../policy/encryption.ts';
import { ruleListener } from '../policy/rule-listener.ts';
import { rule } from '../policy/rule.ts';
import { denyService } from '../policy/service.ts';
import { zone } from '../policy/zone.ts';
import { certificateDetector, sniDetector } from '../protocols/tls/index.ts';
import type { TlsResult, TlsServer } from './tls-layer.ts';
import type { Stream } from './stream.ts';

const said = hello({ extensions: [serverName('liar.example')] });
const idle = proxyOf(({ type }) => (type === 'started' ? [act.connect()] : []));

class Scene extends SessionWorld {
  readonly asked: TlsServer[] = [];
  /** Ends the last handshake. */
  shows: (names: readonly string[] | undefined) => void = () => assert.fail('nobody is asked');
  givenUp = 0;

  static of({ limited = false, encrypted = false } = {}): Scene {
    const elsewhere = zone('elsewhere', { subnets: ['203.0.113.0/24'], inboundServices: ['*'] });
    const limit = limited ? { limitTargetZonesTo: [elsewhere] } : {};
    const encryption = encrypted ? { encryption: serverOnlyEncryption() } : {};
    const bank = serviceOf('bank', { proxy: idle, ...limit, ...encryption });
    const other = serviceOf('other', { proxy: idle, ...limit });
    const isFor = (name: string) => certificateDetector({ hostName: (one) => one === name });
    const never = sniDetector({ serverName: () => false });
    const detect = [
      { detector: never, service: other },
      { detector: isFor('bank.example'), service: bank },
      { detector: isFor('bad.example'), service: denyService('no') },
    ];
    const policy = definePolicy({
      zones: [
        zone('clients', { subnets: ['10.0.0.0/8'], outboundServices: ['*'] }),
        zone('servers', { subnets: ['0.0.0.0/0'], inboundServices: ['*'] }),
        elsewhere,
      ],
      rules: [rule({ detect, service: other })],
      listeners: [ruleListener('192.0.2.254:8080', { name: 'door' })],
    });
    const scene = new Scene({ policy, revision: 'f00d' });
    scene.tls = {
      accept: () => assert.fail('no client is let in'),
      connect: (stream, _encryption, server, done) => {
        scene.asked.push(server);
        scene.shows = (names) => done(resultOf(stream, names));
        return () => {
          scene.givenUp++;
          stream.destroy();
        };
      },
    };
    return scene;
  }

  /** A client asks, and the server is connected for a visit. */
  async visited(): Promise<ReturnType<SessionWorld['connected']>> {
    this.accept().says(said);
    await this.settle();
    const server = this.connected();
    await this.settle();
    return server;
  }

  /** Ends everything. @returns the service of the one record, and what was tried. */
  async over(): Promise<readonly unknown[]> {
    await this.settle();
    this.abortAll();
    await this.settle();
    assert.deepEqual(this.leftovers(), []);
    return this.log.records.map(({ service, connects }) => [
      service,
      ...connects.map((one) => one.outcome),
    ]);
  }
}

function resultOf(stream: Stream, names: readonly string[] | undefined): TlsResult {
  if (names === undefined) {
    stream.destroy();
    return { ok: false, failure: { reason: 'tls.server-closed', message: 'closed' } };
  }
  return { ok: true, stream, facts: sampleTlsFacts({ peer: samplePeer({ names }) }) };
}

describe('a rule that asks for the certificate of the server', () => {
  it('visits the server of the service, with the name of the client, and chooses by what it shows', async () => {
    for (const encrypted of [false, true]) {
      const scene = Scene.of({ encrypted });
      const server = await scene.visited();
      assert.deepEqual(
        scene.asked.map(({ address, name }) => [String(address), name]),
        [['198.51.100.1:80', 'liar.example']],
      );
      assert.equal(scene.log.records.length, 0);
      scene.shows(['bank.example']);
      await scene.settle();
      assert.deepEqual([server.calls, scene.connects.length], [['destroy'], 2]);
      assert.deepEqual(await scene.over(), [['bank', 'connected', 'connect.given-up']]);
    }
  });

  it('asks nobody again for the next line, and refuses by a certificate, too', async () => {
    const scene = Scene.of();
    await scene.visited();
    scene.shows(['bad.example']);
    await scene.settle();
    // The line that refuses is visited as a session of another service.
    scene.connected();
    await scene.settle();
    scene.shows(['bad.example']);
    await scene.settle();
    assert.deepEqual(await scene.over(), [['no', 'connected', 'connected']]);
    assert.equal(scene.asked.length, 2);
    scene.accept().says(said);
    await scene.settle();
    assert.deepEqual([scene.asked.length, scene.log.records[1]?.service], [2, 'no']);
  });

  it('takes a server that cannot be visited for one that no certificate is known of', async () => {
    const scene = Scene.of();
    await scene.visited();
    scene.shows(undefined);
    await scene.settle();
    scene.connectFails();
    await scene.settle();
    assert.equal(scene.connects.length, 3);
    const outcomes = ['connected', 'connect.refused', 'connect.given-up'];
    assert.deepEqual(await scene.over(), [['other', ...outcomes]]);
    assert.deepEqual(
      scene.log.lines.map(({ fields }) => fields?.['reason']).filter((one) => one !== undefined),
      ['tls.server-closed', 'connect.refused'],
    );
  });

  it('goes nowhere where the session could not go', async () => {
    const scene = Scene.of({ limited: true });
    scene.accept().says(said);
    await scene.settle();
    assert.deepEqual([scene.connects.length, scene.asked], [0, []]);
    assert.deepEqual(await scene.over(), [['other', 'access.target-zones']]);
  });

  it('visits nobody for a client that speaks no TLS, and gives up with its client and in time', async () => {
    const plain = Scene.of();
    plain.accept().says('GET / HTTP/1.1\r\n');
    await plain.settle();
    assert.deepEqual(plain.asked, []);
    await plain.over();
    const lost = Scene.of();
    const server = await lost.visited();
    lost.streams[0]?.breaks();
    await lost.settle();
    assert.deepEqual([lost.givenUp, server.calls], [1, ['destroy']]);
    assert.deepEqual(lost.leftovers(), []);
    const slow = Scene.of();
    await slow.visited();
    slow.clock.advance(4_000);
    await slow.settle();
    assert.equal(slow.givenUp, 1);
    slow.clock.advance(1_000);
    await slow.settle();
    assert.equal(slow.log.codes.includes('detect.no-certificate'), true);
    await slow.over();
  });
});
