import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  faultLines,
  faultsOfPolicy,
  idleProxy,
  textAt,
  wrong,
} from '../../test/support/policy-samples.ts';
import { takeLiveInputs } from '../proxy/live-input.ts';
import { definePolicy, isPolicy } from './define-policy.ts';
import { listener, zoneListener } from './listener.ts';
import { domainMatcher } from './matcher-domain.ts';
import { regexpFileMatcher } from './matcher-regexp-file.ts';
import { regexpMatcher } from './matcher-regexp.ts';
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

  it('refuses a faulty matcher, also one that only a function of the policy knows', () => {
    const ads = regexpMatcher({ match: ['ads('] });
    const asks = (host: string): boolean => ads.matches(host);
    assert.ok(asks.length === 1);
    const [fault] = faultsOfPolicy({ zones, listeners });
    assert.deepEqual([fault?.subject, fault?.path], ['matcher', 'match[0]']);
    assert.match(textAt(fault?.location), /regexpMatcher\(/);
    assert.ok(isPolicy(definePolicy({ zones, listeners })), 'the next policy is not to blame');
  });

  it('has the files that its matchers read', () => {
    takeLiveInputs();
    regexpFileMatcher({ matchFile: 'a.txt', ignoreFile: 'b.txt' });
    domainMatcher({ file: 'c.txt' });
    const { liveInputs } = definePolicy({ zones, listeners });
    const paths = liveInputs.map((input) => (input.kind === 'live-file' ? input.path : ''));
    assert.deepEqual(paths, ['a.txt', 'b.txt', 'c.txt']);
    assert.deepEqual(definePolicy({ zones, listeners }).liveInputs, []);
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
    ['an unknown option', { zones, listeners, roules: [] }, ['policy roules "roules"']],
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
      Object.assign(Object.create({ roules: [] }) as object, { zones, listeners }),
      ['policy roules "roules"'],
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

describe('isPolicy()', () => {
  it('knows policies from all else', () => {
    const policy = definePolicy({ zones, listeners });
    for (const other of [{ ...policy }, { kind: 'policy' }, zones, null, undefined, 'policy'])
      assert.equal(isPolicy(other), false);
  });
});
