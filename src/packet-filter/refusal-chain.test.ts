import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chainOf } from '../../test/support/packet-filter-policy.ts';
import type { DenyServiceOptions } from '../policy/service.ts';
import { denyService } from '../policy/service.ts';
import { rule } from '../policy/rule.ts';

/** The verdicts of the chain of a denyService, by line. */
function verdictsOf(options: DenyServiceOptions): readonly unknown[] {
  const rules = [rule({ service: denyService('no', options) })];
  const lines = chainOf({ rules }, 'deny_no') as Record<string, unknown>[][];
  return lines.map((expr) => expr.at(-1));
}

const DROP = { drop: null };

describe('addDenyChain()', () => {
  it('drops, and tells the log of some', () => {
    assert.deepEqual(verdictsOf({}), [
      DROP,
      { log: { prefix: 'zorp: no refuses: ', level: 'info' } },
      DROP,
    ]);
    assert.deepEqual(verdictsOf({ logging: false }), [DROP, DROP]);
  });

  it('answers by family, and drops what has no answer', () => {
    assert.deepEqual(
      verdictsOf({
        ipv4Reply: 'icmp-proto-unreachable',
        ipv6Reply: 'icmp-no-route',
        logging: false,
      }),
      [
        DROP,
        { reject: { type: 'icmp', expr: 'prot-unreachable' } },
        { reject: { type: 'icmpv6', expr: 'no-route' } },
        DROP,
      ],
    );
    const reset = { reject: { type: 'tcp reset' } };
    assert.deepEqual(verdictsOf({ reply: 'tcp-reset', logging: false }), [
      DROP,
      reset,
      reset,
      DROP,
    ]);
  });
});
