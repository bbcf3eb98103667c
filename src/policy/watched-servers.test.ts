import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faultsOfPolicy, idleProxy } from '../../test/support/policy-samples.ts';
import { availabilityChainer } from './chainer-availability.ts';
import { listener } from './listener.ts';
import { hashNat, randomNat, staticNat } from './nat-addresses.ts';
import { generalNat } from './nat-subnets.ts';
import { directedRouter, inbandRouter } from './router.ts';
import type { Service, ServiceOptions } from './service.ts';
import { denyService, service } from './service.ts';
import { watchedServers } from './watched-servers.ts';
import { zone } from './zone.ts';

const destination = ['192.0.2.1:80', '192.0.2.2:81'];
const chainer = availabilityChainer();

function checked(options: Partial<ServiceOptions>): Service {
  const router = directedRouter({ destination });
  return service('web', { proxy: idleProxy(), router, chainer, ...options });
}

describe('watchedServers()', () => {
  it('are those of services with an availability chainer', () => {
    const others = [service('plain', { proxy: idleProxy() }), denyService('no')];
    const watched = watchedServers([...others, checked({})]);
    assert.deepEqual(
      watched.map(({ service: name, server }) => [name, String(server)]),
      destination.map((server) => ['web', server]),
    );
    assert.equal(watched[0]?.chainer, chainer);
    const [marked] = watchedServers([checked({ serverMark: 7, serverTos: 16 })]);
    assert.deepEqual([marked?.mark, marked?.tos], [7, 16]);
  });

  it('are watched where dnat leads, without those that it refuses', () => {
    const dnat = hashNat({ mapping: { '192.0.2.2': '10.0.0.2' } });
    const [only, ...rest] = watchedServers([checked({ dnat })]);
    assert.deepEqual([String(only?.target), String(only?.server)], ['192.0.2.2:81', '10.0.0.2:81']);
    assert.deepEqual(rest, []);
    const lenient = hashNat({ mapping: {}, defaultReject: false });
    assert.equal(String(watchedServers([checked({ dnat: lenient })])[0]?.server), '192.0.2.1:80');
  });
});

describe('the faults of a service that cannot have its servers checked', () => {
  const perClient = generalNat({ mapping: { from: '10.0.0.0/8', translated: '192.0.2.0/24' } });
  const faulty: [options: Partial<ServiceOptions>, path: string, cure: RegExp][] = [
    [{ router: inbandRouter() }, 'router', /directedRouter\(\)/],
    [{ dnat: perClient }, 'dnat', /does not depend on the client/],
    [{ dnat: randomNat({ addresses: ['192.0.2.8:80', '192.0.2.9:80'] }) }, 'dnat', /on chance/],
    [
      { router: directedRouter({ destination: ['192.0.2.1:80', '192.0.2.2:0'] }) },
      'router.destination[1]',
      /give its port/,
    ],
    [{ dnat: staticNat({ address: '192.0.2.9:0' }) }, 'router.destination[0]', /give its port/],
  ];
  for (const [options, path, cure] of faulty)
    it(`are told by definePolicy: ${path}, ${cure.source}`, () => {
      const web = checked(options);
      const zones = [zone('all', { subnets: ['0.0.0.0/0'], outboundServices: [web] })];
      const [fault] = faultsOfPolicy({ zones, listeners: [listener('192.0.2.254:80', web)] });
      assert.deepEqual([fault?.subject, fault?.path], ['service "web"', path]);
      assert.match(fault?.cure ?? '', cure);
    });
});
