import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  closingFor,
  COMMON_REPLIES,
  explainReplies,
  IPV4_REPLIES,
  IPV6_REPLIES,
  replyFor,
} from './refusal-kind.ts';

describe('the kinds of refusal', () => {
  it('are nine for IPv4 and six for IPv6, as in the original', () => {
    assert.deepEqual([IPV4_REPLIES.length, IPV6_REPLIES.length], [9, 6]);
  });

  it('are common where both families have the same message', () => {
    const both = IPV4_REPLIES.filter((reply) => IPV6_REPLIES.some((other) => other === reply));
    assert.deepEqual(new Set(COMMON_REPLIES), new Set(both));
  });

  it('are by family', () => {
    const replies = { ipv4Reply: 'icmp-net-prohibited', ipv6Reply: 'drop' } as const;
    assert.equal(replyFor(replies, 'ipv4'), 'icmp-net-prohibited');
    assert.equal(replyFor(replies, 'ipv6'), 'drop');
  });

  it('close a connection that was accepted, or reset it', () => {
    const closings = IPV4_REPLIES.map((ipv4Reply) =>
      closingFor({ ipv4Reply, ipv6Reply: 'tcp-reset' }, 'ipv4'),
    );
    assert.deepEqual(closings, [undefined, ...new Array<string>(8).fill('reset')]);
    assert.equal(closingFor({ ipv4Reply: 'drop', ipv6Reply: 'icmp-no-route' }, 'ipv6'), 'reset');
  });

  it('are told once where both families have the same', () => {
    assert.equal(
      explainReplies({ ipv4Reply: 'drop', ipv6Reply: 'tcp-reset' }),
      'IPv4: closes the connection; IPv6: resets the connection',
    );
    assert.equal(
      explainReplies({ ipv4Reply: 'icmp-port-unreachable', ipv6Reply: 'icmp-port-unreachable' }),
      'answers with icmp-port-unreachable; resets a connection that was accepted',
    );
  });
});
