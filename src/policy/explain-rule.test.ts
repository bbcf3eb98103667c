import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { detectorOf, zoneOf } from '../../test/support/rule-samples.ts';
import { explainRule } from './explain-rule.ts';
import type { RuleOptions } from './rule.ts';
import { rule } from './rule.ts';
import { denyService } from './service.ts';

const web = denyService('web');
const detect = [{ detector: detectorOf('http'), service: web }];

describe('explainRule()', () => {
  const cases: [options: RuleOptions, text: string][] = [
    [{ service: web }, 'anything: starts web'],
    [
      { service: web, protocols: ['tcp', 132], from: zoneOf('intranet'), ports: '443,80' },
      'tcp or 132, from intranet, to port 80 or 443: starts web',
    ],
    [
      { service: web, protocols: 'icmp', icmpTypes: [8, 0], icmpCodes: 0 },
      'icmp, ICMP type 8 or 0, ICMP code 0: starts web',
    ],
    [
      { service: web, interfaces: 'eth0', interfaceGroups: 3, requestIds: 5, sourcePorts: 53 },
      'in through interface eth0 or interface group 3 or IPsec request 5, from port 53: starts web',
    ],
    [
      {
        service: web,
        to: zoneOf('dmz'),
        sourceSubnets: '10.0.0.0/8',
        destinationSubnets: '::1',
        destinationInterfaces: 'eth0',
        destinationInterfaceGroups: 3,
      },
      'from 10.0.0.0/8, to dmz or ::1/128 or an address of interface eth0 or an address of interface group 3: starts web',
    ],
    [{ detect }, 'anything: starts web for http, otherwise nothing'],
    [{ detect, service: denyService('no') }, 'anything: starts web for http, otherwise no'],
  ];
  for (const [options, text] of cases)
    it(`says "${text}"`, () => assert.equal(explainRule(rule(options)), text));

  it('shows the first alternatives of a long list', () => {
    const interfaces = Array.from({ length: 300 }, (_, index) => `ppp${index}`);
    const text = explainRule(rule({ service: web, interfaces }));
    assert.match(text, /^in through interface ppp0 or .*interface ppp7 or 292 others: starts web$/);
  });
});
