// Which TLS a side gets that began in plain text.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hello, serverName } from '../../test/support/client-hello.ts';
import { FakeStream } from '../../test/support/fake-stream.ts';
import { samplePeer, sampleTlsFacts } from '../../test/support/sample-peer.ts';
import { proxyOf, revisionOf, serviceOf, SessionWorld } from '../../test/support/session-world.ts';
import { SocketAddress } from '../address/socket-address.ts';
import { dynamicCertificate, staticCertificate } from '../policy/certificate-source.ts';
import type { Encryption } from '../policy/encryption.ts';
import {
  clientOnlyStartTlsEncryption,
  fakeStartTlsEncryption,
  forwardStartTlsEncryption,
  twoSidedEncryption,
} from '../policy/encryption.ts';
import type { PeerSide } from '../proxy/engine.ts';
import type { SecureResult } from './pump-host.ts';
import { securePort } from './secure-port.ts';
import type { ShownCertificate } from './tls-layer.ts';

const HELLO = hello({ extensions: [serverName('www.example')] });
const fixed = staticCertificate({ certificate: 'a', privateKey: 'b' });
const made = dynamicCertificate({ authority: { certificate: 'c', privateKey: 'd' } });
const peer = samplePeer({ isTrusted: true });
const facts = sampleTlsFacts({ serverName: 'www.example', peer });

class Stage {
  readonly world: SessionWorld;
  readonly stream = new FakeStream();
  readonly inside = new FakeStream();
  readonly results: SecureResult[] = [];
  /** With whom TLS was begun. */
  readonly asked: string[] = [];
  shown: ShownCertificate | undefined;
  readonly session;
  readonly #service;

  constructor(encryption: Encryption) {
    const startsTls = { ...proxyOf(() => []), startsTls: true };
    this.#service = serviceOf('mail', { proxy: startsTls, encryption });
    this.world = new SessionWorld(revisionOf(this.#service, []));
    this.session = this.world.session();
    this.session.setServerAddress(SocketAddress.parse('192.0.2.25:25'));
    this.world.tls = {
      accept: (_stream, _side, shown, done) => {
        this.asked.push('client');
        this.shown = shown;
        done({ ok: true, stream: this.inside, facts });
        return () => undefined;
      },
      connect: (_stream, _side, { name }, done) => {
        this.asked.push(`server ${name ?? ''}`);
        done({ ok: true, stream: this.inside, facts });
        return () => undefined;
      },
    };
  }

  async secure(side: PeerSide): Promise<string> {
    const port = { side, stream: this.stream, host: 'mail.example', service: this.#service };
    securePort(this.world.runtime, this.session, port, (result) => this.results.push(result));
    if (side === 'client') this.stream.says(HELLO).settle();
    await Promise.resolve();
    const [result] = this.results;
    assert.ok(result !== undefined && this.results.length === 1);
    return result.ok ? 'secured' : result.failure.reason;
  }
}

describe('TLS from the middle of a conversation', () => {
  it('is there for the sides that the policy has it for, and no others', async () => {
    const options = { clientCertificate: fixed };
    const cases: readonly (readonly [Encryption, PeerSide, string])[] = [
      [clientOnlyStartTlsEncryption(options), 'client', 'secured'],
      [clientOnlyStartTlsEncryption(options), 'server', 'tls.not-meant'],
      [fakeStartTlsEncryption(options), 'client', 'secured'],
      [fakeStartTlsEncryption(options), 'server', 'tls.not-meant'],
      [forwardStartTlsEncryption(options), 'client', 'secured'],
      [forwardStartTlsEncryption(options), 'server', 'secured'],
      [twoSidedEncryption(options), 'client', 'tls.not-meant'],
      [twoSidedEncryption(options), 'server', 'tls.not-meant'],
    ];
    for (const [encryption, side, expected] of cases) {
      const stage = new Stage(encryption);
      assert.equal(await stage.secure(side), expected);
      assert.equal(stage.stream.calls.includes('destroy'), expected !== 'secured');
    }
  });

  it('asks the server by the name that the protocol has for it, and is recorded', async () => {
    const stage = new Stage(forwardStartTlsEncryption({ clientCertificate: fixed }));
    assert.equal(await stage.secure('server'), 'secured');
    assert.deepEqual(stage.asked, ['server mail.example']);
    assert.equal(stage.session.connection.tls?.server, facts);
  });

  it('carries the certificate of the server over, once there is one', async () => {
    const encryption = forwardStartTlsEncryption({ clientCertificate: made });
    assert.equal(await new Stage(encryption).secure('client'), 'tls.server-first');
    const stage = new Stage(encryption);
    stage.session.connection.tls = { server: facts };
    const shown = { text: 'made', version: 1 } as unknown as ShownCertificate; // only handed on
    stage.world.certificates = { carryOver: () => shown, forServer: () => undefined };
    assert.equal(await stage.secure('client'), 'secured');
    assert.equal(stage.shown, shown);
    assert.equal(stage.session.connection.tls.isVouchedFor, true);
  });

  it('is refused to a client whose server gives nothing to carry over', async () => {
    const stage = new Stage(forwardStartTlsEncryption({ clientCertificate: made }));
    stage.session.connection.tls = { server: facts };
    stage.world.certificates = { carryOver: () => undefined, forServer: () => undefined };
    assert.equal(await stage.secure('client'), 'tls.certificate-untrusted');
    assert.deepEqual(stage.asked, []);
  });
});
