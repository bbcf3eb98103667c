import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { MemoryLog } from '../../test/support/memory-log.ts';
import { samplePeer } from '../../test/support/sample-peer.ts';
import type { Visit, VisitResult } from './server-certificates.ts';
import {
  CERTIFICATE_KEPT_MS,
  FAILURE_KEPT_MS,
  MAX_CERTIFICATE_BYTES,
  MAX_KEPT_CERTIFICATES,
  MAX_VISITS,
  ServerCertificates,
  VISIT_TIMEOUT_MS,
} from './server-certificates.ts';

class Scene {
  readonly clock = new ManualClock();
  readonly log = new MemoryLog();
  readonly certificates = new ServerCertificates(this.clock, this.log);
  /** The visits that go on, or went on. */
  readonly visits: ((result: VisitResult) => void)[] = [];
  givenUp = 0;
  /** What was told. */
  readonly told: (string | undefined)[] = [];

  readonly visit: Visit = (done) => {
    this.visits.push(done);
    return () => this.givenUp++;
  };

  ask(key = 'web'): () => void {
    return this.certificates.ask(key, this.visit, (one) => this.told.push(one?.subject));
  }

  /** The last visit sees a certificate. */
  sees(changes: Parameters<typeof samplePeer>[0] = {}): void {
    this.visits.at(-1)?.({ ok: true, certificate: samplePeer(changes) });
  }

  get reasons(): readonly unknown[] {
    return this.log.lines.map(({ fields }) => fields?.['reason']);
  }
}

describe('certificates of servers', () => {
  it('are seen by one visit for all who ask, and known for a while', async () => {
    const scene = new Scene();
    scene.ask();
    scene.ask();
    assert.deepEqual([scene.visits.length, scene.told], [1, []]);
    scene.sees();
    scene.sees({ subject: 'CN=late' }); // a visit that calls back twice changes nothing
    assert.deepEqual(scene.told, ['CN=www.example', 'CN=www.example']);
    scene.clock.advance(CERTIFICATE_KEPT_MS - 1);
    scene.ask();
    assert.equal(scene.told.length, 2); // never before it has returned
    await Promise.resolve();
    assert.deepEqual([scene.told.length, scene.visits.length], [3, 1]);
    scene.clock.advance(1);
    scene.ask();
    assert.equal(scene.visits.length, 2);
    scene.sees();
    assert.deepEqual([scene.clock.armed, scene.givenUp], [0, 0]);
  });

  it('are not to be had of a server that fails or takes too long, which is said and let alone for a moment', async () => {
    const scene = new Scene();
    scene.ask();
    scene.visits[0]?.({ ok: false, reason: 'connect.refused' });
    scene.ask();
    await Promise.resolve();
    assert.deepEqual([scene.told, scene.visits.length], [[undefined, undefined], 1]);
    scene.clock.advance(FAILURE_KEPT_MS);
    scene.ask();
    scene.clock.advance(VISIT_TIMEOUT_MS - 1);
    assert.equal(scene.told.length, 2);
    scene.clock.advance(1);
    assert.deepEqual([scene.told.length, scene.givenUp, scene.clock.armed], [3, 1, 0]);
    assert.deepEqual(scene.reasons, ['connect.refused', 'detect.visit-timeout']);
    scene.sees();
    assert.equal(scene.told.length, 3);
  });

  it('are given up when nobody waits for them any more', async () => {
    const scene = new Scene();
    const [one, other] = [scene.ask(), scene.ask()];
    one();
    assert.equal(scene.givenUp, 0);
    other();
    other();
    assert.deepEqual([scene.givenUp, scene.clock.armed, scene.told], [1, 0, []]);
    scene.ask();
    scene.sees();
    scene.ask()();
    await Promise.resolve();
    assert.equal(scene.told.length, 1);
  });

  it('are looked for at so many servers at once', async () => {
    const scene = new Scene();
    for (let count = 0; count <= MAX_VISITS; count++) scene.ask(String(count));
    await Promise.resolve();
    assert.deepEqual([scene.visits.length, scene.told], [MAX_VISITS, [undefined]]);
    assert.deepEqual(scene.reasons, ['detect.too-many-visits']);
  });

  it('are kept of so many servers, the latest', () => {
    const scene = new Scene();
    for (let count = 0; count <= MAX_KEPT_CERTIFICATES; count++) {
      scene.ask(String(count));
      scene.sees();
    }
    const { length } = scene.visits;
    scene.ask(String(MAX_KEPT_CERTIFICATES));
    scene.ask('1');
    assert.equal(scene.visits.length, length);
    scene.ask('0');
    assert.equal(scene.visits.length, length + 1);
  });

  it('are not kept if they are huge', () => {
    const scene = new Scene();
    scene.ask();
    scene.sees({ encoded: Buffer.alloc(MAX_CERTIFICATE_BYTES + 1) });
    assert.deepEqual([scene.told, scene.reasons], [[undefined], ['detect.certificate-too-long']]);
  });

  it('fail one who asks, and not the others, if a function of the policy fails', () => {
    const scene = new Scene();
    const fail = (): never => {
      throw new Error('broken');
    };
    scene.certificates.ask('web', scene.visit, fail);
    scene.ask();
    scene.sees();
    assert.deepEqual([scene.told.length, scene.log.codes], [1, ['detect.certificate-failed']]);
  });
});
