// The server side where a chainer knows several targets: in which order they are tried, and what ends the search.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { proxyOf, revisionOf, serviceOf, SessionWorld } from '../../test/support/session-world.ts';
import { availabilityChainer } from '../policy/chainer-availability.ts';
import { failoverChainer, multiTargetChainer } from '../policy/chainer-targets.ts';
import { hashNat, randomNat, staticNat } from '../policy/nat-addresses.ts';
import { nat46 } from '../policy/nat-families.ts';
import { dnsResolver } from '../policy/resolver.ts';
import { directedRouter, inbandRouter, route, transparentRouter } from '../policy/router.ts';
import type { ServiceOptions } from '../policy/service.ts';
import { watchedServers } from '../policy/watched-servers.ts';
import type { Target } from '../proxy/engine.ts';
import type { ServerResult } from './pump-host.ts';
import { connectServer } from './server-side.ts';
import type { StackedSession } from './session.ts';

const THREE = ['198.51.100.1:80', '198.51.100.2:80', '198.51.100.3:80'];
const router = directedRouter({ destination: THREE });

/** A service in its world, whose connects the test answers. */
class Tries {
  readonly world: SessionWorld;
  readonly session: StackedSession;
  readonly results: ServerResult[] = [];

  constructor(options: Partial<ServiceOptions>) {
    const service = serviceOf('web', { proxy: proxyOf(() => []), router, ...options });
    this.world = new SessionWorld(revisionOf(service));
    this.session = this.world.session();
    const { clientAddress, clientLocal } = this.session;
    this.session.setRoute(route(service.router, clientAddress, clientLocal));
  }

  connect(target?: Target): () => void {
    return connectServer(
      this.world.runtime,
      this.session,
      { ...(target && { target }) },
      (result) => this.results.push(result),
    );
  }

  /** The servers that were asked for so far. */
  get asked(): readonly string[] {
    return this.world.connects.map(({ request }) => String(request.remote));
  }

  /** Server and outcome of each attempt that is recorded. */
  get recorded(): readonly string[] {
    return this.session.connection.connects.map(
      ({ server, outcome }) => `${server?.address.toString() ?? 'none'} ${outcome}`,
    );
  }

  /** The reason of the last result, or `connected`. */
  async reason(): Promise<string | undefined> {
    await this.world.settle();
    const result = this.results.at(-1);
    return result?.ok === false ? result.failure.reason : result && 'connected';
  }
}

describe('a server connect with several targets', () => {
  it('goes on to the next one that works, and records every attempt', async () => {
    const tries = new Tries({ chainer: failoverChainer() });
    tries.connect();
    tries.world.clock.advance(10);
    tries.world.connectFails('ECONNREFUSED');
    tries.world.clock.advance(20);
    tries.world.connectFails('ETIMEDOUT');
    tries.world.clock.advance(30);
    tries.world.connected();
    assert.equal(await tries.reason(), 'connected');
    assert.equal(tries.results.length, 1);
    assert.deepEqual(tries.asked, THREE);
    assert.deepEqual(tries.recorded, [
      '198.51.100.1 connect.refused',
      '198.51.100.2 connect.timeout',
      '198.51.100.3 connected',
    ]);
    assert.deepEqual(
      tries.session.connection.connects.map(({ durationMs }) => durationMs),
      [10, 20, 30],
    );
    assert.equal(String(tries.session.master.serverAddress), '198.51.100.3:80');
  });

  it('remembers for the next connect what failed', () => {
    const tries = new Tries({ chainer: failoverChainer() });
    tries.connect();
    tries.world.connectFails();
    tries.world.connected();
    tries.connect();
    assert.deepEqual(tries.asked, [...THREE.slice(0, 2), '198.51.100.2:80']);
  });

  it('does not blame a server for what this machine lacks', () => {
    const tries = new Tries({ chainer: failoverChainer() });
    tries.connect();
    tries.world.connectFails('EMFILE');
    tries.world.connectFails('EADDRINUSE');
    tries.world.connected();
    tries.connect();
    assert.equal(tries.asked.at(-1), '198.51.100.1:80');
  });

  it('fails as the last one did when none is left', async () => {
    const tries = new Tries({ chainer: multiTargetChainer() });
    tries.connect();
    for (const error of ['ETIMEDOUT', 'EHOSTUNREACH', 'ECONNREFUSED'])
      tries.world.connectFails(error);
    assert.equal(await tries.reason(), 'connect.refused');
    assert.equal(tries.recorded.length, 3);
  });

  it('goes through twice as many attempts as there are targets where it remembers failures', async () => {
    const tries = new Tries({ chainer: failoverChainer() });
    tries.connect();
    for (let attempt = 0; attempt < 6; attempt++) tries.world.connectFails();
    assert.equal(await tries.reason(), 'connect.refused');
    assert.deepEqual(tries.asked, [...THREE, ...THREE]);
  });

  it('ends at once when the policy refuses a target', async () => {
    const destination = ['198.51.100.1:80', '203.0.113.1:80', '198.51.100.3:80'];
    const tries = new Tries({
      router: directedRouter({ destination }),
      chainer: failoverChainer(),
    });
    tries.connect();
    tries.world.connectFails();
    assert.equal(await tries.reason(), 'access.inbound');
    assert.deepEqual(tries.recorded, [
      '198.51.100.1 connect.refused',
      '203.0.113.1 access.inbound',
    ]);
    assert.equal(tries.world.connects.length, 1);
  });

  it('tries all addresses of a name, and so many at most', async () => {
    const all = Array.from({ length: 20 }, (_, index) => `198.51.100.${String(index + 1)}`);
    const tries = new Tries({
      router: inbandRouter(),
      resolver: dnsResolver({ multi: true }),
      chainer: multiTargetChainer(),
    });
    tries.connect({ host: 'www.example', port: 443 });
    tries.world.resolves(...all);
    tries.world.connectFails();
    tries.world.connected();
    assert.deepEqual(tries.asked, ['198.51.100.1:443', '198.51.100.2:443']);
    tries.connect({ host: 'www.example', port: 443 });
    tries.world.resolves(...all);
    for (let attempt = 0; attempt < 16; attempt++) tries.world.connectFails();
    assert.equal(await tries.reason(), 'connect.refused');
    assert.equal(tries.asked.length, 2 + 16);
  });

  it('says that there is no target where nobody names one', async () => {
    const tries = new Tries({ router: inbandRouter(), chainer: failoverChainer() });
    tries.connect();
    assert.equal(await tries.reason(), 'route.no-target');
  });

  it('may have a single target', () => {
    const tries = new Tries({ router: transparentRouter(), chainer: failoverChainer() });
    tries.connect();
    assert.equal(tries.world.connects.length, 0, 'the original destination is a listener');
    const other = new Tries({
      router: directedRouter({ destination: '198.51.100.1:80' }),
      chainer: failoverChainer(),
    });
    other.connect();
    other.world.connected();
    assert.deepEqual(other.recorded, ['198.51.100.1 connected']);
  });

  it('can be given up at every attempt', async () => {
    for (const failures of [0, 1, 2, 5]) {
      const tries = new Tries({ chainer: failoverChainer() });
      const giveUp = tries.connect();
      for (let attempt = 0; attempt < failures; attempt++) tries.world.connectFails();
      giveUp();
      assert.equal(tries.world.connects.at(-1)?.isGivenUp, true);
      assert.deepEqual(tries.world.connected().calls, ['destroy']);
      tries.world.connectFails();
      assert.equal(await tries.reason(), undefined);
      assert.equal(tries.asked.length, failures + 1);
      assert.match(tries.recorded.at(-1) ?? '', / connect\.given-up$/);
    }
  });
});

describe('a server connect whose servers are checked', () => {
  function watch(tries: Tries): void {
    const { runtime, revision } = tries.world;
    runtime.availability.watch(watchedServers(revision.policy.services));
  }

  /** The checks of so many servers come to this. */
  function answer(tries: Tries, results: readonly boolean[]): void {
    const checks = tries.world.connects.splice(0);
    assert.equal(checks.length, results.length);
    for (const [index, { done, request }] of checks.entries())
      done(
        results[index] === true
          ? { ok: true, stream: tries.world.stream(), local: request.remote }
          : { ok: false, error: 'ECONNREFUSED' },
      );
  }

  it('sends nothing to a server that is known to be down', () => {
    const tries = new Tries({ chainer: availabilityChainer({ fall: 1 }) });
    watch(tries);
    answer(tries, [false, true, true]);
    tries.connect();
    tries.world.connectFails();
    tries.world.connected();
    assert.deepEqual(tries.asked, THREE.slice(1));
    assert.deepEqual(tries.world.log.codes, ['chainer.server-down']);
    tries.world.runtime.availability.stop();
    assert.deepEqual(tries.world.leftovers(), ['1 open streams']); // that of the connection itself
  });

  it('fails at once when all are down', async () => {
    const tries = new Tries({ chainer: availabilityChainer({ fall: 1 }) });
    watch(tries);
    answer(tries, [false, false, false]);
    tries.connect();
    assert.equal(await tries.reason(), 'chainer.all-down');
    assert.deepEqual(tries.recorded, ['none chainer.all-down']);
    const [result] = tries.results;
    assert.equal(result?.ok === false && result.failure.verdict, 'denied-by-connection-fail');
    assert.equal(tries.world.connects.length, 0);
    tries.world.runtime.availability.stop();
  });
});

describe('a server connect with NAT', () => {
  it('comes from and goes to the translated addresses', () => {
    const tries = new Tries({
      router: directedRouter({ destination: '203.0.113.1:80', forgePort: 'group' }),
      snat: staticNat({ address: '192.0.2.7:0' }),
      dnat: hashNat({ mapping: { '203.0.113.1': '198.51.100.9' } }),
    });
    tries.connect();
    const { request } = tries.world.connects[0] ?? assert.fail('no connect');
    assert.deepEqual(
      [String(request.remote), String(request.local), request.localLoose],
      ['198.51.100.9:80', '192.0.2.7:0', false],
    );
    tries.world.connected();
    assert.equal(tries.session.serverZone?.name, 'internet');
  });

  it('that refuses ends the search', async () => {
    for (const [dnat, reason] of [
      [hashNat({ mapping: {} }), 'nat.refused'],
      [nat46(), 'nat.family-mismatch'],
    ] as const) {
      const forging = directedRouter({ destination: THREE, forgeAddress: true });
      const tries = new Tries({ router: forging, dnat, chainer: failoverChainer() });
      tries.connect();
      assert.equal(await tries.reason(), reason);
      assert.equal(tries.world.connects.length, 0);
    }
  });

  it('that chooses by chance is given another draw each time', () => {
    const addresses = ['198.51.100.8:80', '198.51.100.9:80'];
    const tries = new Tries({ dnat: randomNat({ addresses, sticky: false }) });
    tries.connect();
    tries.world.draw = 0.9;
    tries.connect();
    assert.deepEqual(tries.asked, addresses);
  });
});
