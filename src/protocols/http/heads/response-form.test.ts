import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exchangeOf, httpPlan, parsedResponse } from '../../../../test/support/http-heads.ts';
import { testSession } from '../../../../test/support/test-session.ts';
import { bytesBesideHead, responseForm } from './response-form.ts';

it('the form of a response is that of its client, and makes the request for the policy only when it is asked for', () => {
  const exchange = exchangeOf('GET / HTTP/1.0\r\nHost: a\r\n\r\n');
  const plan = httpPlan();
  const session = testSession();
  const form = responseForm(
    { plan, exchange, session },
    200,
    { strip: ['x-hop'] },
    { framing: { kind: 'none' }, keepsClient: true },
  );
  assert.equal(form.minor, 0);
  assert.equal(form.policy, plan.responses.policy);
  assert.equal(form.upgrade, undefined);
  assert.deepEqual(form.strip, ['x-hop']);
  assert.equal(exchange.hasPolicyRequest, false);
  assert.equal(form.exchange.policyRequest().method, 'GET');
  assert.equal(exchange.hasPolicyRequest, true);
});

describe('bytesBesideHead()', () => {
  const beside = (body: string, length: number, maxBodyLength = 0): number => {
    const head = parsedResponse(`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n${body}`);
    return bytesBesideHead(head, { kind: 'length', length }, httpPlan({ maxBodyLength }));
  };

  it('are those of a whole body, whatever comes behind it', () => {
    assert.equal(beside('abc', 3), 3);
    assert.equal(beside('abcd', 3), 3);
  });

  it('are none of a part of one, of a long one, and of one that is longer than allowed', () => {
    assert.equal(beside('ab', 3), 0);
    assert.equal(beside('x'.repeat(5000), 5000), 0);
    assert.equal(beside('abc', 3, 2), 0);
    assert.equal(beside('abc', 3, 3), 3);
    assert.equal(beside('', 0), 0);
  });

  it('are none where no length says where the body ends', () => {
    const head = parsedResponse('HTTP/1.1 200 OK\r\n\r\nabc');
    assert.equal(bytesBesideHead(head, { kind: 'until-close' }, httpPlan()), 0);
  });
});
