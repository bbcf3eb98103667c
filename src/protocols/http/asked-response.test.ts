import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exchangeOf, httpPlan, parsedResponse } from '../../../test/support/http-heads.ts';
import { testSession } from '../../../test/support/test-session.ts';
import { accept } from '../../proxy/policy-action.ts';
import { AskedResponse } from './asked-response.ts';

describe('a response that a function of the policy is asked about', () => {
  const plan = httpPlan();
  const exchange = exchangeOf();
  const session = testSession();
  const head = parsedResponse('HTTP/1.1 404 No\r\nServer: x\r\n\r\n', plan);

  function asking(): AskedResponse {
    return new AskedResponse({ plan, exchange, session }, head, { kind: 'none' });
  }

  it('is given with its request and session, and gives what the function says', () => {
    const asked = asking();
    const said = asked.ask((response, request, of) => {
      assert.deepEqual([response.status, request.url.host, of], [404, 'web.example', session]);
      return accept();
    });
    assert.deepEqual(said, accept());
    assert.equal(asked.changed(head), head);
    assert.equal(asked.isChanged, false);
  });

  it('leaves as it was changed, and cannot be changed later', () => {
    const asked = asking();
    const seen: { status: number }[] = [];
    asked.ask((response) => {
      response.status = 410;
      seen.push(response);
      return accept();
    });
    assert.equal(asked.changed(head).line.status, 410);
    assert.equal(asked.isChanged, true);
    const [response] = seen;
    assert.ok(response !== undefined);
    assert.throws(() => {
      response.status = 200;
    });
  });

  it('fails with the function', () => {
    assert.throws(
      () =>
        asking().ask(() => {
          throw new Error('no');
        }),
      /response policy/,
    );
  });
});
