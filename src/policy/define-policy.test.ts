import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  faultLines,
  faultsOfPolicy,
  idleProxy,
  textAt,
  wrong,
} from '../../test/support/policy-samples.ts';
import type { PolicyOptions } from './define-policy.ts';
import { definePolicy, isPolicy } from './define-policy.ts';
import type { Listener } from './listener.ts';
import { listener, zoneListener } from './listener.ts';
import { directedRouter } from './router.ts';
import { denyService, service } from './service.ts';
import { zone } from './zone.ts';

const web = service('web', { proxy: idleProxy() });
const inside = zone('inside', { subnets: ['10.0.0.0/8'], outboundServices: [web] });
const outside = zone('outside', { subnets: ['0.0.0.0/0', '::/0'], inboundServices: ['*'] });
const zones = [inside, outside];
const listeners = [listener('127.0.0.1:80', web)];

describe('definePolicy()', () => {
  it('makes one frozen value with everything indexed', () => {
    const policy = definePolicy({ zones, listeners });
    assert.ok(isPolicy(policy));
    assert.deepEqual([policy.zones, policy.services], [zones, [web]]);
    assert.deepEqual([...policy.instances], [['zorp', listeners]]);
    assert.equal(policy.zoneTree.size, 3);
    assert.deepEqual(policy.lists.get(inside), { outbound: new Set([web]), inbound: undefined });
    assert.equal(policy.targetZones.size, 0);
    for (const part of [policy, policy.zones, policy.services, policy.instances.get('zorp')])
      assert.ok(Object.isFrozen(part));
  });

  it('takes listeners by instance', () => {
    const other = [listener('127.0.0.1:81', web)];
    const policy = definePolicy({ zones, instances: { a: listeners, b: other } });
    assert.deepEqual([...policy.instances.keys()], ['a', 'b']);
  });

  it('finds all services: those of lines, of lists and of stacks, each once', () => {
    const inner = service('inner', { proxy: idleProxy() });
    const stacking = service('stacking', { proxy: idleProxy({ stacks: [inner] }) });
    const no = denyService('no');
    const lines = [
      { from: inside, service: stacking },
      { from: outside, service: web },
    ];
    const picky = zone('picky', { subnets: [], inboundServices: () => [no, web] });
    const policy = definePolicy({
      zones: [...zones, picky],
      listeners: [zoneListener('127.0.0.1:80', { services: lines })],
    });
    assert.deepEqual(
      policy.services.map(({ name }) => name),
      ['stacking', 'web', 'no', 'inner'],
    );
  });

  it('lets zones and services refer to one another in a circle', () => {
    const dmz = zone('dmz', { subnets: [], inboundServices: () => [toDmz] });
    const toDmz = service('to-dmz', { proxy: idleProxy(), limitTargetZonesTo: [dmz] });
    const policy = definePolicy({ zones: [dmz], listeners: [listener('127.0.0.1:80', toDmz)] });
    assert.deepEqual(policy.targetZones.get(toDmz), new Set([dmz]));
  });

  it('tells every fault at once, each with file, line, value and cure', () => {
    const bad = zone('bad', { subnets: ['10.0.0.0/33', '10.1.2.3/8'] });
    const router = directedRouter({ destination: 'nowhere' });
    const badService = service('web', { proxy: idleProxy(), router });
    const badListener = listener('127.0.0.1:80', badService, { backlog: 0 });
    const faults = faultsOfPolicy({ zones: [inside, bad], listeners: [...listeners, badListener] });
    const shown = faults.map(({ subject, path }) => `${subject} ${path}`);
    assert.deepEqual(shown, [
      'zone "bad" subnets[0]',
      'listener "127.0.0.1:80" backlog',
      'listener "127.0.0.1:80" name',
      'listener "127.0.0.1:80" bind',
      'service "web" name',
      'router destination',
    ]);
    const calls = ['zone(', 'listener(', 'listener(', 'listener(', 'service(', 'directedRouter('];
    for (const [index, fault] of faults.entries()) {
      const text = textAt(fault.location);
      assert.ok(text.includes(calls[index] ?? '?'), text);
      assert.ok(fault.value.length > 0 && fault.cure.length > 0);
    }
  });

  it('shows each fault as one line that compilers and editors understand', () => {
    try {
      definePolicy({ zones: [], listeners: [] });
      assert.fail('there is no fault');
    } catch (error) {
      assert.match(
        String(error),
        /^PolicyError: The policy has one fault\n\/.*define-policy\.test\.ts:\d+: policy: listeners is \[\]: give at least one listener$/,
      );
    }
  });

  const nonsense: [what: string, options: unknown, lines: string[]][] = [
    ['null', null, ['policy  null', 'policy zones undefined', 'policy listeners undefined']],
    ['a number', 7, ['policy  7', 'policy zones undefined', 'policy listeners undefined']],
    ['a text for zones', { zones: 'all', listeners }, ['policy zones "all"']],
    ['a text for listeners', { zones, listeners: 'all' }, ['policy listeners "all"']],
    [
      'a list for instances',
      { zones, instances: listeners },
      ['policy instances ["127.0.0.1:80"]'],
    ],
    ['no instance', { zones, instances: {} }, ['policy instances {}']],
    ['an instance without a list', { zones, instances: { a: 7 } }, ['policy instances.a 7']],
    ['an instance without listeners', { zones, instances: { a: [] } }, ['policy instances.a []']],
    ['a wrong name', { zones, instances: { 'a b': listeners } }, ['policy instances "a b"']],
    ['both', { zones, listeners, instances: {} }, ['policy instances {}']],
    ['an unknown option', { zones, listeners, rules: [] }, ['policy rules "rules"']],
    [
      'an own __proto__',
      Object.assign(JSON.parse('{"__proto__": {}}') as object, { zones, listeners }),
      ['policy __proto__ "__proto__"'],
    ],
    [
      'an instance named __proto__',
      { zones, instances: JSON.parse('{"__proto__": []}') as unknown },
      ['policy instances "__proto__"', 'policy instances.__proto__ []'],
    ],
    [
      'an unknown option that is inherited',
      Object.assign(Object.create({ rules: [] }) as object, { zones, listeners }),
      ['policy rules "rules"'],
    ],
    ['options that are inherited', Object.create({ zones, listeners }) as unknown, ['policy  {}']],
    [
      'members of a wrong type',
      { zones: [...zones, 'x', web, null], listeners: [7, ...listeners] },
      [
        'policy zones[2] "x"',
        'policy zones[3] "web"',
        'policy zones[4] null',
        'policy listeners[0] 7',
      ],
    ],
    [
      'copies and imitations',
      { zones: [...zones, { ...inside }, { kind: 'zone', name: 'z', subnets: [] }], listeners },
      ['policy zones[2] "inside"', 'policy zones[3] "z"'],
    ],
    [
      'the same twice',
      { zones: [...zones, inside], listeners: [...listeners, ...listeners] },
      ['policy zones[2] "inside"', 'policy listeners[1] "127.0.0.1:80"'],
    ],
  ];
  for (const [what, options, lines] of nonsense)
    it(`refuses ${what}`, () => assert.deepEqual(faultLines(options), lines));

  it('refuses a policy whose options throw when they are read, as what they throw', () => {
    const options = {
      get zones(): never {
        throw new Error('read');
      },
    };
    assert.throws(() => definePolicy(wrong(options)), /read/);
  });
});

describe('definePolicy(): zones', () => {
  const make = (...added: PolicyOptions['zones']): PolicyOptions => ({
    zones: [...zones, ...added],
    listeners,
  });

  it('refuses a subnet twice, host bits aside (reference: vector Z6)', () => {
    const first = zone('first', {
      subnets: ['192.168.22.0/24', '192.168.22.31', '192.168.22.30/31'],
    });
    for (const text of ['192.168.22.0/24', '192.168.22.31/32', '192.168.22.15/24']) {
      const [fault, ...rest] = faultsOfPolicy(make(first, zone('second', { subnets: [text] })));
      assert.deepEqual([fault?.subject, fault?.path, rest], ['zone "second"', 'subnets[0]', []]);
      assert.match(fault?.cure ?? '', /zone "first" at .*:\d+ has the same subnet/);
    }
    const twice = zone('twice', { subnets: ['192.0.2.1', '192.0.2.1/32'] });
    const [fault] = faultsOfPolicy(make(twice));
    assert.match(fault?.cure ?? '', /this zone has the same subnet/);
  });

  it('refuses two zones of one name', () => {
    const faults = faultsOfPolicy(make(zone('inside', { subnets: [] })));
    assert.deepEqual(
      faults.map(({ subject, path }) => `${subject} ${path}`),
      ['zone "inside" name'],
    );
    assert.match(faults[0]?.cure ?? '', /the one at .*define-policy\.test\.ts:\d+ has it/);
  });

  it('refuses ancestors that are not in the list', () => {
    const grandparent = zone('grandparent', { subnets: [] });
    const parent = zone('parent', { subnets: [], parent: grandparent });
    const child = zone('child', { subnets: [], parent });
    assert.deepEqual(faultLines(make(child)), [
      'zone "child" parent "parent"',
      'zone "child" parent "grandparent"',
    ]);
  });

  it('refuses zones of a line, or of a limit, that are not in the list', () => {
    const unlisted = zone('unlisted', { subnets: [] });
    const limited = service('limited', { proxy: idleProxy(), limitTargetZonesTo: [unlisted] });
    const lines = [{ from: unlisted, service: limited }];
    const made = zoneListener('127.0.0.1:80', { services: lines });
    assert.deepEqual(faultLines({ zones, listeners: [made] }), [
      'listener "127.0.0.1:80" services[0].from "unlisted"',
      'service "limited" limitTargetZonesTo "unlisted"',
    ]);
  });

  const thunks: [what: string, list: () => unknown, value: string][] = [
    [
      'throws',
      () => {
        throw new ReferenceError('too early');
      },
      '"ReferenceError: too early"',
    ],
    ['returns no list', () => web, '"web"'],
    ['returns wrong members', () => [web, 'mail'], '"mail"'],
    ['names a service twice', () => [web, web], '["web", "web"]'],
  ];
  for (const [what, list, value] of thunks) {
    it(`refuses a list whose function ${what}`, () => {
      const lazy = zone('lazy', { subnets: [], inboundServices: wrong(list) });
      assert.deepEqual(faultLines(make(lazy)), [`zone "lazy" inboundServices ${value}`]);
    });
  }
  it('calls the function of a list once', () => {
    let calls = 0;
    const counting = zone('counting', {
      subnets: [],
      outboundServices: () => {
        calls++;
        return [web];
      },
    });
    definePolicy(make(counting));
    assert.equal(calls, 1);
  });
});
describe('definePolicy(): listeners and services', () => {
  const make = (...made: readonly Listener[]): PolicyOptions => ({ zones, listeners: made });

  it('refuses binds that exclude one another, also across instances', () => {
    const table: [one: string, other: string][] = [
      ['10.0.0.1:80', '10.0.0.1:80'],
      ['0.0.0.0:80', '10.0.0.1:80'],
      ['[::1]:80', '[::]:80'],
    ];
    for (const [one, other] of table) {
      const first = listener(one, web, { name: 'first' });
      const second = listener(other, web, { name: 'second' });
      const line = `listener "second" bind "${other}"`;
      assert.deepEqual(faultLines(make(first, second)), [line]);
      assert.deepEqual(faultLines({ zones, instances: { a: [first], b: [second] } }), [line]);
    }
    const twice = listener(['10.0.0.1:80', '10.0.0.1:80'], web);
    assert.deepEqual(faultLines(make(twice)), ['listener "10.0.0.1:80" bind "10.0.0.1:80"']);
  });

  it('lets several listeners have a port that the kernel chooses', () => {
    const first = listener('127.0.0.1:0', web, { name: 'first' });
    const second = listener('127.0.0.1:0', web, { name: 'second' });
    assert.ok(isPolicy(definePolicy(make(first, second))));
  });

  it('refuses two listeners of one name', () => {
    const first = listener('127.0.0.1:80', web, { name: 'a' });
    const second = listener('127.0.0.1:81', web, { name: 'a' });
    assert.deepEqual(faultLines(make(first, second)), ['listener "a" name "a"']);
  });

  it('refuses two services of one name, wherever they are used', () => {
    const inner = denyService('web');
    const stacking = service('stacking', { proxy: idleProxy({ stacks: [wrong(inner)] }) });
    const made = [listener('127.0.0.1:80', web), listener('127.0.0.1:81', stacking)];
    assert.deepEqual(faultLines(make(...made)), ['deny-service "web" name "web"']);
  });

  it('refuses stacked services that are none', () => {
    const stacking = service('stacking', { proxy: idleProxy({ stacks: [wrong('web')] }) });
    assert.deepEqual(faultLines(make(listener('127.0.0.1:80', stacking))), [
      'service "stacking" proxy.stacks "web"',
    ]);
  });

  it('tells the faults of an object that is used twice once', () => {
    const router = directedRouter({ destination: 'nowhere' });
    const one = service('one', { proxy: idleProxy(), router });
    const two = service('two', { proxy: idleProxy(), router });
    const made = [listener('127.0.0.1:80', one), listener('127.0.0.1:81', two)];
    assert.deepEqual(faultLines(make(...made)), ['router destination "nowhere"']);
  });

  it('refuses a limit whose function returns no zone', () => {
    const limited = service('limited', { proxy: idleProxy(), limitTargetZonesTo: () => [] });
    assert.deepEqual(faultLines(make(listener('127.0.0.1:80', limited))), [
      'service "limited" limitTargetZonesTo []',
    ]);
  });
});

describe('isPolicy()', () => {
  it('knows policies from all else', () => {
    const policy = definePolicy({ zones, listeners });
    for (const other of [{ ...policy }, { kind: 'policy' }, zones, null, undefined, 'policy'])
      assert.equal(isPolicy(other), false);
  });
});
