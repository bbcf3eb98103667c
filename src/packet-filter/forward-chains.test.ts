import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chainOf, rulesOf } from '../../test/support/packet-filter-policy.ts';
import { definePolicy } from '../policy/define-policy.ts';
import { staticNat } from '../policy/nat-addresses.ts';
import { generalNat, oneToOneNat } from '../policy/nat-subnets.ts';
import { pfService } from '../policy/pf-service.ts';
import { rule } from '../policy/rule.ts';
import { zone } from '../policy/zone.ts';
import { generateRuleset } from './generate-ruleset.ts';

describe('the chains of the services of the packet filter', () => {
  it('translate with a port only where the protocol has ports', () => {
    const forward = pfService('forward', { dnat: staticNat({ address: '192.0.2.1:99' }) });
    const lines = chainOf({ rules: [rule({ service: forward })] }, 'dstnat_forward') as object[][];
    assert.deepEqual(
      lines.slice(0, 2).map((expr) => [expr.length, expr.at(-1)]),
      [
        [3, { dnat: { family: 'ip', addr: '192.0.2.1', port: 99 } }],
        [2, { dnat: { family: 'ip', addr: '192.0.2.1' } }],
      ],
    );
  });

  it('place the host part into a subnet', () => {
    const snat = generalNat({ mapping: { from: '10.0.0.0/8', translated: '192.0.2.0/24' } });
    const lines = chainOf(
      { rules: [rule({ service: pfService('forward', { snat }) })] },
      'srcnat_forward',
    );
    const addr = { prefix: { addr: '192.0.2.0', len: 24 } };
    assert.deepEqual((lines as object[][])[0]?.at(-1), {
      snat: { family: 'ip', addr, flags: 'netmap' },
    });
    assert.deepEqual((lines as object[][])[1]?.at(-1), { masquerade: null });
  });

  it('refuse what the lists of zones do not permit, and what NAT refuses', () => {
    const snat = oneToOneNat({ mapping: { from: '10.0.0.0/24', to: '192.0.2.0/24' } });
    const forward = pfService('forward', { snat });
    const open = zone('open', { subnets: ['10.0.0.0/8'], inboundServices: [] });
    const zones = [open, zone('closed', { subnets: ['11.0.0.0/8'], outboundServices: [] })];
    const ruleset = generateRuleset(definePolicy({ zones, rules: [rule({ service: forward })] }));
    const lines = rulesOf(ruleset, 'check_forward') as { match?: { right: unknown } }[][];
    assert.deepEqual(
      lines.map((expr) => expr[0]?.match?.right),
      ['@zones4_1', '@zones4_2', 'ipv4', 'ipv6'],
    );
    assert.equal(rulesOf(ruleset, 'check_snat_ipv4_forward').length, 2);
  });
});
