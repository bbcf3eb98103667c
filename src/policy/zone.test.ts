import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faultsOf } from '../proxy/policy-fault.ts';
import { idleProxy, onlyFault, wrong } from '../../test/support/policy-samples.ts';
import { service } from './service.ts';
import { ancestry, depthOf, explainZone, isWithin, zone } from './zone.ts';

const web = service('web', { proxy: idleProxy() });

describe('zone()', () => {
  it('makes a frozen zone, and fills in what is left out', () => {
    const made = zone('intranet', { subnets: ['10.0.0.0/8', '2001:db8::1'] });
    assert.deepEqual(made.subnets.map(String), ['10.0.0.0/8', '2001:db8::1/128']);
    const { kind, name, parent, isUmbrella, outboundServices, inboundServices } = made;
    assert.deepEqual([kind, name, parent, isUmbrella], ['zone', 'intranet', undefined, false]);
    assert.deepEqual([outboundServices, inboundServices], [undefined, undefined]);
    assert.ok(Object.isFrozen(made) && Object.isFrozen(made.subnets));
    assert.deepEqual(faultsOf(made), []);
  });

  it('keeps its own copy of a list, so that later changes of it change nothing', () => {
    const services = [web];
    const made = zone('a', { subnets: [], outboundServices: services });
    services.pop();
    assert.deepEqual(made.outboundServices, [web]);
    assert.ok(Object.isFrozen(made.outboundServices));
  });

  const parent = zone('parent', { subnets: [] });
  const faulty: [options: unknown, path: string, value: string, cure: RegExp][] = [
    [{ subnets: ['10.0.0.0/33'] }, 'subnets[0]', '"10.0.0.0/33"', /prefix must be 0-32/],
    [{ subnets: ['0.0.0.0/0', '010.0.0.1'] }, 'subnets[1]', '"010.0.0.1"', /leading zeros/],
    [{ subnets: ['::ffff:10.0.0.0/104'] }, 'subnets[0]', '"::ffff:10.0.0.0/104"', /as IPv4/],
    [{ subnets: [7] }, 'subnets[0]', '7', /subnet as text/],
    [{ subnets: '10.0.0.0/8' }, 'subnets', '"10.0.0.0/8"', /list of subnets/],
    [{ subnets: ['a.example'] }, 'subnets[0]', '"a.example"', /write it into hostnames/],
    [{ subnets: ['10.0.0.1-10.0.0.9'] }, 'subnets[0]', '"10.0.0.1-10.0.0.9"', /made of$/],
    [{ hostnames: 'www.example.org' }, 'hostnames', '"www.example.org"', /list of host names/],
    [{ hostnames: ['a.example', '*.example'] }, 'hostnames[1]', '"*.example"', /give a host name/],
    [{ hostnames: ['192.0.2.1'] }, 'hostnames[0]', '"192.0.2.1"', /give a host name/],
    [{ hostnames: ['a.example', 'A.example.'] }, 'hostnames[1]', '"a.example"', /only once/],
    [{ subnets: [], parent: 'intranet' }, 'parent', '"intranet"', /made by zone\(\)/],
    [{ subnets: [], parent: { ...parent } }, 'parent', '"parent"', /made by zone\(\)/],
    [{ subnets: [], umbrella: 'yes', parent }, 'umbrella', '"yes"', /true or false/],
    [{ subnets: [], umbrella: true }, 'umbrella', 'true', /name a parent, or remove it/],
    [{ subnets: [], outboundServices: '*' }, 'outboundServices', '"*"', /or \['\*'\] for all/],
    [{ subnets: [], outboundServices: ['web'] }, 'outboundServices[0]', '"web"', /by service\(\)/],
    [{ subnets: [], inboundServices: 'web' }, 'inboundServices', '"web"', /list of services/],
    [{ subnets: [], outbound: [] }, 'outbound', '"outbound"', /no such option; there are subnets,/],
    [JSON.parse('{"subnets":[],"__proto__":{}}'), '__proto__', '"__proto__"', /no such option/],
    [{ __proto__: { inboundServices: [] }, subnets: [] }, '', '{"subnets":[]}', /a plain object/],
    [null, '', 'null', /give the options as an object: subnets, hostnames, parent/],
    [undefined, '', 'undefined', /give the options as an object/],
  ];
  for (const [options, path, value, cure] of faulty) {
    it(`remembers what is wrong with ${JSON.stringify(options)}, and does not throw`, () => {
      const fault = onlyFault(zone('a', wrong(options)), 'zone(');
      assert.deepEqual([fault.path, fault.value], [path, value]);
      assert.match(fault.cure, cure);
    });
  }

  for (const name of ['', '-a', 'a b', 'a\u001b', 'x'.repeat(65), 7, null, undefined, {}]) {
    it(`does not accept the name ${JSON.stringify(name)}`, () => {
      const fault = onlyFault(zone(wrong(name), { subnets: [] }), 'zone(');
      assert.equal(fault.path, 'name');
      assert.match(fault.cure, /1 to 64 letters/);
    });
  }
});

describe('a zone of host names', () => {
  it('has them in one way of writing, and needs no subnets', () => {
    const made = zone('www', { hostnames: ['WWW.Example.org.', 'xn--bcher-kva.example'] });
    assert.deepEqual(faultsOf(made), []);
    assert.deepEqual(made.hostnames, ['www.example.org', 'xn--bcher-kva.example']);
    assert.deepEqual(made.subnets, []);
    assert.equal(explainZone(made, undefined).split(';')[0], made.hostnames.join(', '));
  });

  it('may have neither, as a parent of others', () => {
    assert.deepEqual(faultsOf(zone('parent', {})), []);
  });
});

describe('ancestry()', () => {
  it('is the zone, then its ancestors, nearest first', () => {
    const root = zone('root', { subnets: [] });
    const middle = zone('middle', { subnets: [], parent: root });
    const leaf = zone('leaf', { subnets: [], parent: middle });
    assert.deepEqual(ancestry(leaf), [leaf, middle, root]);
    assert.deepEqual(ancestry(root), [root]);
    assert.deepEqual([root, middle, leaf].map(depthOf), [1, 2, 3]);
    assert.deepEqual(
      [leaf, middle, root].map((one) => isWithin(one, middle)),
      [true, true, false],
    );
  });
});

describe('explainZone()', () => {
  it('says what is in a zone and what its lists permit', () => {
    const parent = zone('parent', { subnets: [] });
    const made = zone('dmz', { subnets: ['192.0.2.0/24', '2001:db8::/32'], parent });
    const lists = { outbound: new Set([web]), inbound: new Set(['*'] as const) };
    assert.equal(
      explainZone(made, lists),
      '192.0.2.0/24, 2001:db8::/32, below parent; out: web; in: all',
    );
    assert.equal(
      explainZone(made, undefined),
      '192.0.2.0/24, 2001:db8::/32, below parent; out: as parent; in: as parent',
    );
  });

  it('tells a list that is not declared from one that permits nothing', () => {
    const parent = zone('parent', { subnets: [] });
    const umbrella = zone('umbrella', { subnets: [], parent, umbrella: true });
    assert.equal(explainZone(parent, undefined), 'no subnets; out: no list; in: no list');
    const lists = { outbound: new Set<never>(), inbound: undefined };
    assert.equal(explainZone(umbrella, lists), 'no subnets, below parent; out: none; in: no list');
  });
});
