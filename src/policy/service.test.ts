import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inbandAuthentication } from './authentication.ts';
import { functionProvider } from './authentication-provider.ts';
import { permitUser } from './authorization.ts';
import { faultsOf } from '../proxy/policy-fault.ts';
import { showSource, sourceOf } from '../proxy/source-location.ts';
import { idleProxy, onlyFault, wrong } from '../../test/support/policy-samples.ts';
import { connectChainer } from './chainer.ts';
import { dnsResolver } from './resolver.ts';
import { staticNat } from './nat-addresses.ts';
import { nat46 } from './nat-families.ts';
import { serverOnlyEncryption } from './encryption.ts';
import { inbandRouter } from './router.ts';
import { denyService, explainService, service } from './service.ts';
import { zone } from './zone.ts';

const proxy = idleProxy();
const dmz = zone('dmz', { subnets: [] });

describe('service()', () => {
  it('makes a frozen service, and fills in what is left out', () => {
    const made = service('web', { proxy });
    const { kind, name, router, chainer, limits, limitTargetZonesTo, keepalive } = made;
    assert.deepEqual([kind, name, made.proxy], ['service', 'web', proxy]);
    assert.deepEqual([router.type, chainer.type, keepalive], ['transparent', 'connect', 'none']);
    assert.deepEqual([limits, limitTargetZonesTo], [{ maxInstances: 0 }, undefined]);
    assert.ok(Object.isFrozen(made) && Object.isFrozen(limits));
    assert.deepEqual(faultsOf(made), []);
  });

  it('shows the line of the service for a router and a chainer that it filled in', () => {
    const made = service('web', { proxy });
    assert.equal(showSource(sourceOf(made.router)), showSource(sourceOf(made)));
    assert.equal(showSource(sourceOf(made.chainer)), showSource(sourceOf(made)));
  });

  it('takes everything that is given', () => {
    const [router, chainer] = [inbandRouter(), connectChainer()];
    const resolver = dnsResolver({ family: 'ipv4' });
    const [snat, dnat] = [staticNat({ address: '192.0.2.1:0' }), nat46()];
    const limits = { maxInstances: 5 };
    const parts = { proxy, router, chainer, resolver, snat, dnat };
    const authentication = inbandAuthentication({ provider: functionProvider(() => ({})) });
    const users = { authentication, authorization: permitUser('alice') };
    const encryption = serverOnlyEncryption();
    const options = { ...parts, ...users, encryption, limits, limitTargetZonesTo: [dmz] };
    const packets = { serverMark: 0xffff_ffff, serverTos: 255, sendProxyProtocol: 1 } as const;
    const destinationGuard = { permit: [dmz] };
    const checkServerAddress = 'warn';
    const plain = { destinationGuard, checkServerAddress, keepalive: 'both', ...packets } as const;
    const made = service('web', { ...options, ...plain });
    assert.deepEqual({ ...made }, { kind: 'service', name: 'web', ...options, ...plain });
    assert.equal(made.router, router);
  });

  const faulty: [options: unknown, path: string, value: string, cure: RegExp][] = [
    [{}, 'proxy', 'undefined', /such as httpProxy\(\)/],
    [{ proxy: 'http' }, 'proxy', '"http"', /such as httpProxy\(\)/],
    [{ proxy: { create: () => 0 } }, 'proxy', '{}', /such as httpProxy\(\)/],
    [{ proxy: idleProxy({ stacks: wrong(7) }) }, 'proxy', '"idle"', /such as httpProxy\(\)/],
    [{ proxy, router: connectChainer() }, 'router', 'connectChainer(...)', /a router/],
    [{ proxy, router: { kind: 'router' } }, 'router', '{"kind":"router"}', /a router/],
    [{ proxy, chainer: inbandRouter() }, 'chainer', 'inbandRouter(...)', /a chainer/],
    [{ proxy, resolver: inbandRouter() }, 'resolver', 'inbandRouter(...)', /a resolver/],
    [{ proxy, snat: '192.0.2.1:0' }, 'snat', '"192.0.2.1:0"', /a NAT, such as/],
    [{ proxy, dnat: inbandRouter() }, 'dnat', 'inbandRouter(...)', /a NAT, such as/],
    [{ proxy, authentication: {} }, 'authentication', '{}', /such as inbandAuthentication/],
    [{ proxy, encryption: 'tls' }, 'encryption', '"tls"', /such as clientOnlyEncryption/],
    [{ proxy, authorization: 'alice' }, 'authorization', '"alice"', /such as permitGroup/],
    [{ proxy, limits: { maxInstances: -1 } }, 'limits.maxInstances', '-1', /whole number/],
    [{ proxy, limits: { maxInstances: 1.5 } }, 'limits.maxInstances', '1.5', /whole number/],
    [{ proxy, limits: { max: 1 } }, 'limits.max', '"max"', /no such option/],
    [{ proxy, destinationGuard: 'none' }, 'destinationGuard', '"none"', /permit: \[zone\]/],
    [
      { proxy, destinationGuard: { permit: [] } },
      'destinationGuard.permit',
      '[]',
      /permit: \[zone\]/,
    ],
    [{ proxy, limitTargetZonesTo: [] }, 'limitTargetZonesTo', '[]', /at least one zone, or leave/],
    [{ proxy, limitTargetZonesTo: ['dmz'] }, 'limitTargetZonesTo[0]', '"dmz"', /made by zone\(\)/],
    [{ proxy, limitTargetZonesTo: 'dmz' }, 'limitTargetZonesTo', '"dmz"', /a list of zones/],
    [{ proxy, keepalive: true }, 'keepalive', 'true', /"none", "client", "server" or "both"/],
    [{ proxy, serverMark: 0 }, 'serverMark', '0', /1 to 0xffffffff/],
    [{ proxy, serverMark: 2 ** 32 }, 'serverMark', '4294967296', /1 to 0xffffffff/],
    [{ proxy, serverTos: 256 }, 'serverTos', '256', /0 to 255/],
    [{ proxy, sendProxyProtocol: 3 }, 'sendProxyProtocol', '3', /1 or 2/],
    [{ proxy, routers: 1 }, 'routers', '"routers"', /^write "router": there is no such option$/],
    [null, '', 'null', /give the options as an object: proxy/],
  ];
  for (const [options, path, value, cure] of faulty) {
    it(`remembers that ${path || 'options'} is ${value}, and does not throw`, () => {
      const fault = onlyFault(service('web', wrong(options)), 'service(');
      assert.equal(fault.path, path);
      assert.ok(fault.value.includes(value), fault.value);
      assert.match(fault.cure, cure);
    });
  }

  it('keeps the fields that are right when others are wrong', () => {
    const router = inbandRouter();
    const made = service('web', { proxy, router, keepalive: wrong('always') });
    assert.equal(made.proxy, proxy);
    assert.equal(made.router, router);
  });

  it('does not accept a wrong name', () => {
    assert.equal(onlyFault(service('a/b', { proxy }), 'service(').value, '"a/b"');
  });
});

describe('denyService()', () => {
  it('makes a frozen service that refuses', () => {
    const made = denyService('no');
    assert.deepEqual(
      { ...made },
      { kind: 'deny-service', name: 'no', ipv4Reply: 'drop', ipv6Reply: 'drop', logging: true },
    );
    assert.ok(Object.isFrozen(made));
  });

  const faulty: [options: unknown, path: string, value: string, cure: RegExp][] = [
    [
      { reply: 'reset' },
      'reply',
      '"reset"',
      /"drop", "tcp-reset", "icmp-port-unreachable", "icmp-admin-prohibited"/,
    ],
    [{ ipv4Reply: 'icmp-no-route' }, 'ipv4Reply', '"icmp-no-route"', /"icmp-proto-unreachable"/],
    [{ ipv6Reply: 'icmp-net-prohibited' }, 'ipv6Reply', '"icmp-net-prohibited"', /"icmp-no-route"/],
    [{ logging: 1 }, 'logging', '1', /true or false/],
    [{ log: true }, 'log', '"log"', /there are reply, ipv4Reply, ipv6Reply, logging/],
  ];
  for (const [options, path, value, cure] of faulty) {
    it(`remembers that ${path} is ${value}, and does not throw`, () => {
      const fault = onlyFault(denyService('no', wrong(options)), 'denyService(');
      assert.deepEqual([fault.path, fault.value], [path, value]);
      assert.match(fault.cure, cure);
    });
  }
});

describe('explainService()', () => {
  it('says what a service does', () => {
    assert.equal(
      explainService(service('web', { proxy })),
      'does nothing; transparent: to the original destination',
    );
    const limits = { maxInstances: 9 };
    const limited = { proxy, router: inbandRouter(), limitTargetZonesTo: [dmz], limits };
    assert.equal(
      explainService(service('web', { ...limited, keepalive: 'client' })),
      'does nothing; in-band: to the server that the protocol names; only to certain zones; at most 9 at a time; keepalive: client',
    );
  });

  it('says what its destination guard opens', () => {
    const guarded = (destinationGuard: 'off' | { permit: [typeof dmz] }): string =>
      explainService(service('web', { proxy, router: inbandRouter(), destinationGuard }));
    assert.match(guarded({ permit: [dmz] }), /; destination guard: open for dmz$/);
    assert.match(guarded('off'), /; destination guard: off$/);
  });

  it('says how its packets are marked', () => {
    const marked = service('web', { proxy, serverMark: 0x10, serverTos: 0xb8 });
    assert.match(explainService(marked), /; server mark 0x10; server TOS 0xb8$/);
    assert.match(explainService(service('web', { proxy, serverTos: 0 })), /; server TOS 0x0$/);
    const told = service('web', { proxy, sendProxyProtocol: 2 });
    assert.match(explainService(told), /; PROXY header 2$/);
  });

  it('says who resolves names, where the protocol can name a server', () => {
    const resolver = dnsResolver({ servers: '192.0.2.53' });
    const inband = explainService(service('web', { proxy, router: inbandRouter(), resolver }));
    assert.match(inband, /that the protocol names; names by 192\.0\.2\.53:53$/);
    assert.doesNotMatch(explainService(service('web', { proxy, resolver })), /names by/);
  });

  it('says what NAT makes of both ends', () => {
    const snat = staticNat({ address: '192.0.2.1:0' });
    assert.equal(
      explainService(service('web', { proxy, snat, dnat: nat46() })),
      'does nothing; transparent: to the original destination; source: static NAT: 192.0.2.1:0; server: NAT46: the IPv4 address in 64:ff9b::, behind 96 bits',
    );
  });

  it('says how a service refuses', () => {
    assert.equal(explainService(denyService('no')), 'refuses: closes the connection');
    const quiet = denyService('no', { reply: 'tcp-reset', logging: false });
    assert.equal(explainService(quiet), 'refuses: resets the connection, not recorded');
  });
});

describe('explainService() with users', () => {
  it('says who is asked and who may pass', () => {
    const authentication = inbandAuthentication({ provider: functionProvider(() => ({})) });
    const made = service('web', { proxy, authentication, authorization: permitUser('alice') });
    assert.match(
      explainService(made),
      /users by a function, remembered for 600 s by client, permits user alice/,
    );
    assert.match(explainService(service('web', { proxy, authentication })), /by client$/);
  });
});
