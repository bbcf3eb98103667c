import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faultsOf } from '../proxy/policy-fault.ts';
import { at, onlyFault, wrong } from '../../test/support/policy-samples.ts';
import type { ForgePort, Router } from './router.ts';
import { directedRouter, explainRouter, inbandRouter, route, transparentRouter } from './router.ts';

const CLIENT = at('10.1.2.3:40000');
const LOCAL = at('192.0.2.80:80');

describe('the functions that make routers', () => {
  it('make frozen routers, and fill in what is left out', () => {
    for (const made of [
      transparentRouter(),
      inbandRouter(),
      directedRouter({ destination: '192.0.2.1:80' }),
    ]) {
      assert.deepEqual([made.forgeAddress, made.forgePort], [false, 'any']);
      assert.equal(made.isOverrideable, made.type === 'inband');
      assert.ok(Object.isFrozen(made) && Object.isFrozen(made.destinations));
      assert.deepEqual(faultsOf(made), []);
    }
  });

  const faulty: [call: string, make: () => Router, path: string, cure: RegExp][] = [
    ['transparentRouter(', () => transparentRouter({ forcedPort: 0 }), 'forcedPort', /1 to 65535/],
    [
      'transparentRouter(',
      () => transparentRouter(wrong({ forcedPort: '80' })),
      'forcedPort',
      /port/,
    ],
    ['transparentRouter(', () => transparentRouter({ forgePort: 0 }), 'forgePort', /1 to 65535/],
    [
      'transparentRouter(',
      () => transparentRouter(wrong({ forgePort: true })),
      'forgePort',
      /"any"/,
    ],
    [
      'transparentRouter(',
      () => transparentRouter(wrong({ forgePort: -4 })),
      'forgePort',
      /a port/,
    ],
    [
      'transparentRouter(',
      () => transparentRouter(wrong({ overrideable: 1 })),
      'overrideable',
      /true/,
    ],
    [
      'transparentRouter(',
      () => transparentRouter(wrong({ destination: [] })),
      'destination',
      /an option of directedRouter/,
    ],
    [
      'inbandRouter(',
      () => inbandRouter(wrong({ forgeAddress: 1 })),
      'forgeAddress',
      /true or false/,
    ],
    [
      'inbandRouter(',
      () => inbandRouter(wrong({ overrideable: true })),
      'overrideable',
      /an option of transparentRouter/,
    ],
    ['directedRouter(', () => directedRouter(wrong({})), 'destination', /give a server/],
    ['directedRouter(', () => directedRouter({ destination: [] }), 'destination', /give a server/],
    [
      'directedRouter(',
      () => directedRouter({ destination: 'a:80' }),
      'destination',
      /Cannot parse/,
    ],
    [
      'directedRouter(',
      () => directedRouter({ destination: ['10.0.0.1:80', '10.0.0.1'] }),
      'destination[1]',
      /write address and port/,
    ],
    [
      'directedRouter(',
      () => directedRouter({ destination: '[::ffff:10.0.0.1]:80' }),
      'destination',
      /as IPv4: 10\.0\.0\.1:80/,
    ],
    ['directedRouter(', () => directedRouter(wrong(null)), '', /give the options as an object/],
  ];
  for (const [call, make, path, cure] of faulty) {
    it(`remember what is wrong with ${path || 'the options'} of ${call}), and do not throw`, () => {
      const fault = onlyFault(make(), call);
      assert.equal(fault.path, path);
      assert.match(fault.cure, cure);
    });
  }
});

describe('route(): source address (as in the original)', () => {
  const table: [forgePort: ForgePort, port: number, loose: boolean, random: boolean][] = [
    ['any', 0, false, false],
    ['group', 40_000, true, false],
    ['exact', 40_000, false, false],
    ['random', 40_000, true, true],
    [1234, 1234, false, false],
  ];
  for (const [forgePort, port, localLoose, localRandom] of table) {
    it(`forged, port ${forgePort}`, () => {
      const chosen = route(transparentRouter({ forgeAddress: true, forgePort }), CLIENT, LOCAL);
      assert.equal(String(chosen.local), `10.1.2.3:${port}`);
      assert.deepEqual([chosen.localLoose, chosen.localRandom], [localLoose, localRandom]);
    });

    it(`not forged, port ${forgePort}: that port of all addresses, or nothing`, () => {
      const router = transparentRouter({ forgePort });
      const ipv4 = route(router, CLIENT, LOCAL).local;
      const ipv6 = route(router, at('[2001:db8::1]:40000'), at('[2001:db8::2]:80')).local;
      assert.equal(ipv4?.toString(), port === 0 ? undefined : `0.0.0.0:${port}`);
      assert.equal(ipv6?.toString(), port === 0 ? undefined : `[::]:${port}`);
      const { localLoose: loose, localRandom: random } = route(router, CLIENT, LOCAL);
      assert.deepEqual([loose, random], [localLoose, localRandom]);
    });
  }
});

describe('route(): targets (as in the original)', () => {
  const table: [what: string, router: Router, targets: string[], isInband: boolean][] = [
    ['the original destination', transparentRouter(), ['192.0.2.80:80'], false],
    ['another port of it', transparentRouter({ forcedPort: 8080 }), ['192.0.2.80:8080'], false],
    [
      'what the protocol may replace',
      transparentRouter({ overrideable: true }),
      ['192.0.2.80:80'],
      true,
    ],
    [
      'fixed servers',
      directedRouter({ destination: ['10.0.0.1:1', '[::1]:2'] }),
      ['10.0.0.1:1', '[::1]:2'],
      false,
    ],
    [
      'a fixed server that the protocol may replace',
      directedRouter({ destination: '10.0.0.1:1', overrideable: true }),
      ['10.0.0.1:1'],
      true,
    ],
    ['nothing, for the protocol to name', inbandRouter(), [], true],
  ];
  for (const [what, router, targets, isInband] of table) {
    it(`leads to ${what}`, () => {
      const chosen = route(router, CLIENT, LOCAL);
      assert.deepEqual([chosen.targets.map(String), chosen.isInband], [targets, isInband]);
      assert.ok(Object.isFrozen(chosen.targets)); // functions of the policy see them
    });
  }
});

describe('explainRouter()', () => {
  const table: [router: Router, text: string][] = [
    [transparentRouter(), 'transparent: to the original destination'],
    [
      transparentRouter({ forcedPort: 8080, overrideable: true, forgeAddress: true }),
      "transparent: to the original destination, port 8080, unless the protocol names another, from the client's address",
    ],
    [
      directedRouter({ destination: ['10.0.0.1:1', '[::1]:2'], forgePort: 20 }),
      'directed: to 10.0.0.1:1, [::1]:2, from port 20',
    ],
    [
      inbandRouter({ forgeAddress: true, forgePort: 'exact' }),
      "in-band: to the server that the protocol names, from the client's address and port",
    ],
    [
      inbandRouter({ forgePort: 'group' }),
      "in-band: to the server that the protocol names, from the client's port or another of its group",
    ],
    [
      inbandRouter({ forgeAddress: true, forgePort: 'random' }),
      "in-band: to the server that the protocol names, from the client's address and a random port of its group",
    ],
  ];
  for (const [router, text] of table)
    it(`says "${text}"`, () => assert.equal(explainRouter(router), text));
});
