// What the kernel says of generated rulesets: those of all examples, and of random rules, in a network namespace.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import fc from 'fast-check';
import { loadPolicy } from '../../src/instance/load-policy.ts';
import { generateRuleset } from '../../src/packet-filter/generate-ruleset.ts';
import { definePolicy } from '../../src/policy/define-policy.ts';
import { pfService } from '../../src/policy/pf-service.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { rule } from '../../src/policy/rule.ts';
import { denyService } from '../../src/policy/service.ts';
import { faultsOf } from '../../src/proxy/policy-fault.ts';
import { ruleOptions, ZONES_OF_RULES } from '../support/arbitraries-rules.ts';
import { copyExamples } from '../support/example-policies.ts';
import { needs } from '../support/needs.ts';
import { natOf, natSpec } from '../support/random-nat.ts';
import { suiteOwner } from '../support/system-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const RANDOM_POLICIES = 15;

/** What nft complains of; the empty text if the kernel takes the ruleset. */
function complaintOf(policy: Policy): string {
  const input = JSON.stringify({ nftables: generateRuleset(policy).commands });
  const result = spawnSync('unshare', ['-n', 'sh', '-c', 'cat | nft -j -c -f -'], {
    input,
    encoding: 'utf8',
    timeout: 20_000,
  });
  return `${result.stderr}${result.status === 0 ? '' : ` exit ${String(result.status)}`}`;
}

describe('the kernel', { ...needs('nft', 'unshare', 'netns', 'openssl'), timeout: 60_000 }, () => {
  const folder = temporaryFolder(suiteOwner(), 'examples');
  before(() => copyExamples(folder));

  for (const path of globSync('policies/*.ts'))
    it(`takes the packet filter of ${path}`, async () => {
      const { policy } = await loadPolicy(join(folder, path));
      assert.equal(complaintOf(policy), '');
    });

  it('takes the packet filter of random rules', () => {
    const nats = natSpec.filter(({ type }) => !['random', 'nat64', 'nat46'].includes(type));
    const cases = fc.tuple(fc.array(ruleOptions, { minLength: 5, maxLength: 30 }), nats, nats);
    for (const [options, snat, dnat] of fc.sample(cases, RANDOM_POLICIES)) {
      const forward = pfService('forward', { snat: natOf(snat), dnat: natOf(dnat) });
      const started = [forward, denyService('no', { ipv6Reply: 'icmp-no-route' })];
      const rules = options
        .map((one, index) => rule({ ...one, service: started[index % 2] ?? forward }))
        .filter((one) => faultsOf(one).length === 0);
      const policy = definePolicy({
        zones: ZONES_OF_RULES,
        rules: [...rules, rule({ service: forward })],
      });
      assert.equal(complaintOf(policy), '');
    }
  });
});
