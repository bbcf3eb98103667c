// Which reply tells which failure (RFC 1928, 6).
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Verdict } from '../../proxy/verdict.ts';
import { grantedBytes, refusedBytes } from './socks-reply.ts';

function codeOf(
  reason: string,
  verdict: Verdict = 'denied-by-connection-fail',
): number | undefined {
  return refusedBytes(5, 502, { reason, verdict, message: '' })[1];
}

it('the reply of SOCKS 5 says why there is no connection', () => {
  const codes: Readonly<Record<string, number>> = {
    'connect.refused': 5,
    'connect.timeout': 6,
    'connect.unreachable': 3,
    'resolve.unknown': 4,
    'resolve.timeout': 4,
    'connect.no-descriptors': 1,
  };
  for (const [reason, code] of Object.entries(codes)) assert.equal(codeOf(reason), code, reason);
  assert.equal(codeOf('access.inbound', 'denied-by-policy'), 2);
  assert.equal(codeOf('session.internal-error', 'denied-by-unknown-fail'), 1);
});

it('without a failure the status of HTTP says it', () => {
  for (const [status, code] of [
    [403, 2],
    [407, 2],
    [429, 2],
    [400, 1],
    [500, 1],
    [0, 1],
  ] as const)
    assert.equal(refusedBytes(5, status, undefined)[1], code);
});

it('the reply of SOCKS 4 says yes or no', () => {
  assert.equal(grantedBytes(5)[1], 0);
  assert.equal(grantedBytes(4)[1], 90);
  assert.equal(refusedBytes(4, 403, undefined)[1], 91);
});
