import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { proxyOf, revisionOf, serviceOf, SessionWorld } from '../../test/support/session-world.ts';
import { IpAddress } from '../address/ip-address.ts';
import { hashResolver } from '../policy/resolver.ts';
import { directedRouter, inbandRouter, route, transparentRouter } from '../policy/router.ts';
import type { ServiceOptions } from '../policy/service.ts';
import type { ConnectFailure } from '../proxy/engine.ts';
import { tlsServerName } from '../proxy/tls-server-name.ts';
import { checkAddress, nameToCheck } from './check-address.ts';
import type { StackedSession } from './session.ts';

const OTHER = '203.0.113.99';

class Scene {
  readonly world: SessionWorld;
  readonly session: StackedSession;
  readonly results: (ConnectFailure | undefined)[] = [];
  readonly #service: ReturnType<typeof serviceOf>;

  constructor(options: Partial<ServiceOptions>) {
    const router = transparentRouter();
    this.#service = serviceOf('web', { proxy: proxyOf(() => []), router, ...options });
    this.world = new SessionWorld(revisionOf(this.#service));
    this.session = this.world.session();
    const { clientAddress, clientLocal } = this.session;
    this.session.setRoute(route(this.#service.router, clientAddress, clientLocal));
  }

  /** Checks the address of the router; the resolver says that the name has these. */
  check(host: string | undefined, addresses?: readonly string[]): this {
    const [address = this.session.clientLocal] = this.session.targetAddress;
    const [session, service] = [this.session, this.#service];
    const name = nameToCheck(session, service, address, host);
    if (name === undefined) this.results.push(undefined);
    else
      checkAddress(this.world.runtime, { session, service, address, name }, (failure) =>
        this.results.push(failure),
      );
    const parsed = addresses?.map((text) => IpAddress.parse(text));
    const result =
      parsed === undefined
        ? ({ ok: false, error: 'ENOTFOUND' } as const)
        : ({ ok: true, addresses: parsed } as const);
    for (const lookup of this.world.lookups.splice(0)) lookup.done(result);
    return this;
  }

  get own(): string {
    return this.session.clientLocal.address.toString();
  }

  get reasons(): readonly (string | undefined)[] {
    return this.results.map((failure) => failure?.reason);
  }
}

describe('the address of a name', () => {
  it('is one of those that the resolver knows', () => {
    const scene = new Scene({ checkServerAddress: 'refuse' });
    scene.check('a.example', [OTHER, scene.own]).check('a.example', [OTHER]).check('a.example');
    assert.deepEqual(scene.reasons, [
      undefined,
      'connect.address-mismatch',
      'connect.address-mismatch',
    ]);
    assert.equal(scene.results[1]?.verdict, 'denied-by-policy');
  });

  it('may be another one where the policy only warns, which is noted once', () => {
    const scene = new Scene({ checkServerAddress: 'warn' });
    scene.check('a.example', [OTHER]).check('a.example', [OTHER]);
    assert.deepEqual(scene.reasons, [undefined, undefined]);
    assert.deepEqual(scene.session.connection.warnings, ['connect.address-mismatch']);
    assert.equal(
      scene.world.log.lines.filter(({ code }) => code === 'connect.address-mismatch').length,
      1,
    );
  });

  it('is that of the name that TLS was asked for, before that of the protocol', () => {
    const scene = new Scene({
      checkServerAddress: 'refuse',
      resolver: hashResolver({ mapping: { 'tls.example': [OTHER] } }),
    });
    scene.session.set(tlsServerName, 'tls.example');
    scene.check('host.example', []);
    return scene.world.settle().then(() => {
      assert.deepEqual(scene.reasons, ['connect.address-mismatch']);
    });
  });

  it('is not asked for by default, without a name, or where it is not the choice of the client', () => {
    const scenes = [
      new Scene({}).check('a.example', [OTHER]),
      new Scene({ checkServerAddress: 'refuse' }).check(undefined, [OTHER]),
      new Scene({
        checkServerAddress: 'refuse',
        router: directedRouter({ destination: '198.51.100.7:80' }),
      }).check('a.example', [OTHER]),
      new Scene({ checkServerAddress: 'refuse', router: inbandRouter() }).check('a.example', [
        OTHER,
      ]),
    ];
    for (const { reasons } of scenes) assert.deepEqual(reasons, [undefined]);
  });
});
