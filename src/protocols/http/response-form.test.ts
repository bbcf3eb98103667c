import assert from 'node:assert/strict';
import { it } from 'node:test';
import { exchangeOf, httpTools } from '../../../test/support/http-heads.ts';
import { testSession } from '../../../test/support/test-session.ts';
import { responseForm } from './response-form.ts';

it('the form of a response is that of its client, and makes the request for the policy only when it is asked for', () => {
  const exchange = exchangeOf('GET / HTTP/1.0\r\nHost: a\r\n\r\n');
  const tools = httpTools();
  const session = testSession();
  const form = responseForm(
    { tools, exchange, session },
    200,
    { strip: ['x-hop'] },
    { framing: { kind: 'none' }, keepsClient: true },
  );
  assert.equal(form.minor, 0);
  assert.equal(form.policy, tools.responses.policy);
  assert.equal(form.upgrade, undefined);
  assert.deepEqual(form.context.strip, ['x-hop']);
  assert.equal(exchange.hasPolicyRequest, false);
  assert.equal(form.context.exchange.policyRequest().method, 'GET');
  assert.equal(exchange.hasPolicyRequest, true);
});
