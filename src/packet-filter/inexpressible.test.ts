import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { forward, no, plug, policyWith } from '../../test/support/packet-filter-policy.ts';
import { rule } from '../policy/rule.ts';
import { ruleListener } from '../policy/rule-listener.ts';
import { generateRuleset } from './generate-ruleset.ts';
import { checkExpressible, hiddenListener, isProxied } from './inexpressible.ts';
import { PacketFilterError } from './packet-filter-error.ts';

function refused(message: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof PacketFilterError);
    assert.equal(error.code, 'ruleset.inexpressible');
    assert.match(error.message, message);
    return true;
  };
}

describe('checkExpressible()', () => {
  it('refuses requestIds of a rule that a proxy has to find again', () => {
    const policy = policyWith({ rules: [rule({ name: 'vpn', requestIds: 1, service: plug })] });
    assert.throws(
      () => generateRuleset(policy),
      refused(
        /cannot express rule 1 "vpn" \(.*inexpressible\.test\.ts:\d+\): requestIds are known only/,
      ),
    );
    const others = [
      rule({ requestIds: 1, service: no }),
      rule({ requestIds: 2, service: forward }),
    ];
    generateRuleset(policyWith({ rules: others }));
  });

  it('refuses a proxied rule whose connections nobody takes', () => {
    const rules = [rule({ service: forward }), rule({ ports: 80, service: plug })];
    const policy = policyWith({ rules, listeners: [ruleListener('192.0.2.1:80')] });
    assert.equal(hiddenListener(policy), undefined);
    assert.throws(() => generateRuleset(policy), refused(/add ruleListener\(\) without a bind/));
  });

  it('refuses more takers than it can tell apart', () => {
    const policy = policyWith({ rules: [rule({ service: plug })] });
    checkExpressible(policy, 4095);
    assert.throws(() => checkExpressible(policy, 4096), refused(/4095 .* and the policy has 4096/));
  });

  it('refuses a rule of too many combinations', () => {
    const lengths = Array.from({ length: 33 }, (_, index) => `10.0.0.0/${index}`);
    const wide = {
      sourceSubnets: lengths,
      destinationSubnets: lengths,
      ports: '1,2-3',
      sourcePorts: '1,2-3',
    };
    const policy = policyWith({
      rules: [rule({ ...wide, interfaces: 'a', interfaceGroups: 1, service: no })],
    });
    assert.throws(() => generateRuleset(policy), refused(/too many combinations/));
  });
});

it('isProxied() is what a proxy takes', () => {
  const proxied = [plug, forward, no].map((service) =>
    isProxied({ id: 1, rule: rule({ service }) }),
  );
  assert.deepEqual(proxied, [true, false, false]);
});
