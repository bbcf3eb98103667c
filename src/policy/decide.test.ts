import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { at, idleProxy } from '../../test/support/policy-samples.ts';
import type { ConnectionFacts } from './decide.ts';
import { decide, decideConnect } from './decide.ts';
import { definePolicy } from './define-policy.ts';
import { explainDecision } from './explain.ts';
import { csZoneListener, listener, zoneListener } from './listener.ts';
import { directedRouter, inbandRouter, transparentRouter } from './router.ts';
import { denyService, service } from './service.ts';
import { zone } from './zone.ts';

const proxy = idleProxy();
const web = service('web', { proxy });
const explicit = service('explicit', { proxy, router: inbandRouter() });
const fixed = service('fixed', { proxy, router: directedRouter({ destination: '127.0.0.1:25' }) });
const looped = service('looped', {
  proxy,
  router: directedRouter({ destination: '127.0.0.1:3128' }),
});
const openFixed = service('open-fixed', {
  proxy,
  router: directedRouter({ destination: '192.0.2.80:80', overrideable: true }),
});
const toDmz = service('to-dmz', {
  proxy,
  router: transparentRouter({ overrideable: true }),
  limitTargetZonesTo: () => [dmz],
});
const no = denyService('no');

const inside = zone('inside', {
  subnets: ['10.0.0.0/8', '2001:db8::/32'],
  outboundServices: ['*'],
});
const guests = zone('guests', { subnets: ['10.9.0.0/16'], outboundServices: [web] });
const dmz = zone('dmz', { subnets: ['192.0.2.0/24'], inboundServices: ['*'] });
const internet = zone('internet', {
  subnets: ['0.0.0.0/1', '128.0.0.0/2', '::/0'],
  inboundServices: [web, explicit, fixed, looped, toDmz],
});
const host = zone('host', { subnets: ['127.0.0.53'], inboundServices: [explicit] });

const webListener = listener('192.0.2.254:80', web);
const explicitListener = listener('127.0.0.1:3128', explicit);
const byZone = zoneListener('192.0.2.254:81', {
  services: [
    { from: guests, service: no },
    { from: inside, service: toDmz },
  ],
});
const byPair = csZoneListener('192.0.2.254:82', {
  services: [
    { from: inside, to: dmz, service: toDmz },
    { from: inside, to: '*', service: web },
  ],
});
const fixedListener = listener('192.0.2.254:25', fixed);
const loopedListener = listener('192.0.2.254:83', looped);
const openListener = listener('192.0.2.254:84', openFixed);
const policy = definePolicy({
  zones: [inside, guests, dmz, internet, host],
  instances: {
    main: [webListener, byZone, byPair, fixedListener, loopedListener, openListener],
    explicit: [explicitListener],
  },
});

const CLIENT = at('10.1.2.3:40000');
const SERVER = at('192.0.2.80:80');

/** Facts of a connection, with its usual parts filled in. */
function factsOf(some: Partial<ConnectionFacts>): ConnectionFacts {
  return { instance: 'main', listener: webListener, client: CLIENT, local: SERVER, ...some };
}

interface Row {
  readonly what: string;
  readonly facts: Partial<ConnectionFacts>;
  /** Reason code, service, server. */
  readonly is: readonly [reason: string, service: string | null, server: string | null];
  /** Every step: check, outcome, name, value. */
  readonly steps: readonly string[];
}

const ROWS: readonly Row[] = [
  {
    what: 'permits a service that the zone of the client names',
    facts: {},
    is: ['permitted', 'web', null],
    steps: [
      'listener chosen 192.0.2.254:80',
      'client-zone chosen inside 10.0.0.0/8',
      'client-zone lost internet 0.0.0.0/1',
      'service chosen web',
      'outbound-services passed inside',
      'router chosen transparent transparent: to the original destination',
      'server open transparent',
    ],
  },
  {
    what: 'permits a server whose zone lets the service in',
    facts: { connect: {} },
    is: ['permitted', 'web', '192.0.2.80:80'],
    steps: [
      'listener chosen 192.0.2.254:80',
      'client-zone chosen inside 10.0.0.0/8',
      'client-zone lost internet 0.0.0.0/1',
      'service chosen web',
      'outbound-services passed inside',
      'router chosen transparent transparent: to the original destination',
      'server chosen transparent 192.0.2.80:80',
      'server-zone chosen dmz 192.0.2.0/24',
      'inbound-services passed dmz',
    ],
  },
  {
    what: 'finds the listener by the address that the client reached',
    facts: { listener: undefined, local: at('192.0.2.254:81'), client: at('10.9.1.1:5') },
    is: ['service.denied', 'no', null],
    steps: [
      'listener skipped 192.0.2.254:80 192.0.2.254:81',
      'listener chosen 192.0.2.254:81 192.0.2.254:81',
      'client-zone chosen guests 10.9.0.0/16',
      'client-zone lost inside 10.0.0.0/8',
      'client-zone lost internet 0.0.0.0/1',
      'line skipped to-dmz inside to *',
      'line chosen no guests to *',
      'service refused no',
    ],
  },
  {
    what: 'refuses where no listener listens',
    facts: { instance: 'explicit', listener: undefined },
    is: ['listener.none', null, null],
    steps: ['listener skipped 127.0.0.1:3128 192.0.2.80:80'],
  },
  {
    what: 'refuses an instance that does not exist',
    facts: { instance: 'none', listener: undefined },
    is: ['listener.none', null, null],
    steps: [],
  },
  {
    what: 'refuses clients for which the listener has no line',
    facts: { listener: byZone, client: at('192.0.2.5:5') },
    is: ['listener.no-service', null, null],
    steps: [
      'listener chosen 192.0.2.254:81',
      'client-zone chosen dmz 192.0.2.0/24',
      'line skipped no guests to *',
      'line skipped to-dmz inside to *',
      'service refused -',
    ],
  },
  {
    what: 'refuses clients in no zone',
    facts: { client: at('203.0.113.1:5') },
    is: ['zone.client-unknown', 'web', null],
    steps: [
      'listener chosen 192.0.2.254:80',
      'client-zone refused - 203.0.113.1',
      'service chosen web',
    ],
  },
  {
    what: 'refuses a service that the zone of the client does not name',
    facts: { listener: explicitListener, client: at('10.9.1.1:5') },
    is: ['access.outbound', 'explicit', null],
    steps: [
      'listener chosen 127.0.0.1:3128',
      'client-zone chosen guests 10.9.0.0/16',
      'client-zone lost inside 10.0.0.0/8',
      'client-zone lost internet 0.0.0.0/1',
      'service chosen explicit',
      'outbound-services refused guests',
    ],
  },
  {
    what: 'chooses by the zone of the original destination',
    facts: { listener: byPair, local: at('10.1.1.1:80') },
    is: ['permitted', 'web', null],
    steps: [
      'listener chosen 192.0.2.254:82',
      'client-zone chosen inside 10.0.0.0/8',
      'client-zone lost internet 0.0.0.0/1',
      'destination-zone chosen inside 10.0.0.0/8',
      'destination-zone lost internet 0.0.0.0/1',
      'line skipped to-dmz inside to dmz',
      'line chosen web inside to *',
      'service chosen web',
      'outbound-services passed inside',
      'router chosen transparent transparent: to the original destination',
      'server open transparent',
    ],
  },
  {
    what: 'refuses a server that the zone of the server does not let in',
    facts: { connect: {}, local: at('10.1.1.1:80') },
    is: ['access.inbound', 'web', '10.1.1.1:80'],
    steps: [
      ...acceptedAs(
        '192.0.2.254:80',
        'web',
        'transparent transparent: to the original destination',
      ),
      'server chosen transparent 10.1.1.1:80',
      'server-zone chosen inside 10.0.0.0/8',
      'server-zone lost internet 0.0.0.0/1',
      'inbound-services refused inside',
    ],
  },
  {
    what: 'refuses a server in no zone',
    facts: { connect: {}, local: at('203.0.113.1:80') },
    is: ['zone.server-unknown', 'web', '203.0.113.1:80'],
    steps: [
      ...acceptedAs(
        '192.0.2.254:80',
        'web',
        'transparent transparent: to the original destination',
      ),
      'server chosen transparent 203.0.113.1:80',
      'server-zone refused - 203.0.113.1',
    ],
  },
  {
    what: 'ignores a server that the protocol names where the router does not let it',
    facts: { connect: { target: at('10.1.1.1:22') } },
    is: ['permitted', 'web', '192.0.2.80:80'],
    steps: [
      ...acceptedAs(
        '192.0.2.254:80',
        'web',
        'transparent transparent: to the original destination',
      ),
      'server skipped transparent 10.1.1.1:22',
      'server chosen transparent 192.0.2.80:80',
      'server-zone chosen dmz 192.0.2.0/24',
      'inbound-services passed dmz',
    ],
  },
  {
    what: 'takes a server that the protocol names where the router lets it, within the limit',
    facts: { listener: byPair, connect: { target: at('192.0.2.7:8080') } },
    is: ['permitted', 'to-dmz', '192.0.2.7:8080'],
    steps: [
      'listener chosen 192.0.2.254:82',
      'client-zone chosen inside 10.0.0.0/8',
      'client-zone lost internet 0.0.0.0/1',
      'destination-zone chosen dmz 192.0.2.0/24',
      'line lost web inside to *',
      'line chosen to-dmz inside to dmz',
      'service chosen to-dmz',
      'outbound-services passed inside',
      'router chosen transparent transparent: to the original destination, unless the protocol names another',
      'server chosen transparent 192.0.2.7:8080',
      'server-zone chosen dmz 192.0.2.0/24',
      'target-zones passed dmz',
      'inbound-services passed dmz',
      'destination-guard passed to-dmz',
    ],
  },
  {
    what: 'refuses a server outside the zones to which the service is limited',
    facts: { listener: byZone, connect: { target: at('1.1.1.1:80') } },
    is: ['access.target-zones', 'to-dmz', '1.1.1.1:80'],
    steps: [
      'listener chosen 192.0.2.254:81',
      'client-zone chosen inside 10.0.0.0/8',
      'client-zone lost internet 0.0.0.0/1',
      'line skipped no guests to *',
      'line chosen to-dmz inside to *',
      'service chosen to-dmz',
      'outbound-services passed inside',
      'router chosen transparent transparent: to the original destination, unless the protocol names another',
      'server chosen transparent 1.1.1.1:80',
      'server-zone chosen internet 0.0.0.0/1',
      'target-zones refused to-dmz',
    ],
  },
];

/** The steps of a client in zone inside up to the router. */
function acceptedAs(listened: string, started: string, router: string): readonly string[] {
  return [
    `listener chosen ${listened}`,
    'client-zone chosen inside 10.0.0.0/8',
    'client-zone lost internet 0.0.0.0/1',
    `service chosen ${started}`,
    'outbound-services passed inside',
    `router chosen ${router}`,
  ];
}

describe('decide()', () => {
  for (const { what, facts, is, steps } of ROWS) {
    it(what, () => {
      const explained = explainDecision(decide(policy, factsOf(facts)));
      const { reason, service: chosen, server } = explained;
      assert.deepEqual([reason, chosen, server], is);
      const shown = explained.steps.map(({ check, outcome, name, value }) =>
        [check, outcome, name ?? '-', ...(value === null ? [] : [value])].join(' '),
      );
      assert.deepEqual(shown, steps);
    });
  }

  it('is pure: frozen facts stay, and the same facts decide alike', () => {
    for (const { facts } of ROWS) {
      const frozen = Object.freeze(factsOf(facts));
      if (frozen.connect !== undefined) Object.freeze(frozen.connect);
      const [one, other] = [decide(policy, frozen), decide(policy, frozen)];
      assert.deepEqual(one, other);
      assert.deepEqual(explainDecision(one), explainDecision(other));
      assert.notEqual(one.trace, other.trace);
    }
  });

  it('decides alike where nobody reads how', () => {
    for (const { facts } of ROWS) {
      const given = factsOf(facts);
      const { connect } = given;
      const [traced, untraced] = [decide(policy, given), decide(policy, given, 'untraced')];
      assert.deepEqual(untraced, { ...traced, trace: [] });
      const accepted = decide(policy, { ...given, connect: undefined });
      if (accepted.outcome !== 'permitted' || connect === undefined) continue;
      const { listener: door, rule, service: chosen, route } = accepted;
      const routed = { ...given, listener: door, rule, service: chosen, route };
      const decided = decideConnect(policy, routed);
      const { outcome, server, serverZone } = traced;
      const outcomeOfIt =
        traced.outcome === 'refused'
          ? { refusal: traced.refusal }
          : { route: traced.outcome === 'permitted' ? traced.route : undefined };
      assert.deepEqual(decided, { outcome, server, serverZone, ...outcomeOfIt });
    }
  });

  it('says what came of it in the words of a refusal', () => {
    const refused = decide(policy, factsOf({ listener: byZone, client: at('10.9.1.1:5') }));
    assert.ok(refused.outcome === 'refused');
    assert.deepEqual(refused.refusal, {
      reason: 'service.denied',
      verdict: 'denied-by-policy',
      message: 'Service no refuses all connections',
    });
  });

  it('tells the route of the accepted connection', () => {
    const permitted = decide(policy, factsOf({}));
    assert.ok(permitted.outcome === 'permitted');
    assert.deepEqual(permitted.route.targets, [SERVER]);
    assert.deepEqual([permitted.serverZone, permitted.server], [undefined, undefined]);
  });

  it('sees through IPv4-mapped addresses of clients', () => {
    const client = factsOf({
      client: at('[::ffff:10.9.1.1]:5'),
      local: at('[::ffff:192.0.2.80]:80'),
    });
    const { clientZone, outcome } = decide(policy, client);
    assert.deepEqual([clientZone, outcome], [guests, 'permitted']);
    const plain = factsOf({ client: at('10.9.1.1:5') });
    assert.deepEqual(decide(policy, client), decide(policy, plain));
  });
});
