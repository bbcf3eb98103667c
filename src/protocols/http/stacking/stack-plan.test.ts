import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CHILD } from '../../../../test/support/child-dialogue.ts';
import { exchangeOf, httpPlan, parsedResponse } from '../../../../test/support/http-heads.ts';
import { testSession } from '../../../../test/support/test-session.ts';
import { isPromise } from '../../../proxy/policy-call.ts';
import { PolicyFault } from '../../../proxy/violation.ts';
import type { HttpOptions } from '../http-options.ts';
import { Refused } from '../problem.ts';
import type { ChosenStack, StackPlan } from './stack-plan.ts';

const OTHER = { ...CHILD, name: 'other' } as const;
const session = testSession();

function planOf(options: HttpOptions): StackPlan {
  const { stacks } = httpPlan(options);
  return stacks ?? assert.fail('there is a plan');
}

function asked(method: string, fields = '') {
  return exchangeOf(`${method} / HTTP/1.1\r\nHost: a\r\n${fields}\r\n`);
}

describe('the plan of who looks at bodies', () => {
  /** What was chosen at once. */
  function atOnce(chosen: ReturnType<StackPlan['forRequest']>): ChosenStack | undefined {
    assert.ok(!isPromise(chosen));
    return chosen;
  }

  it('is not there where nobody does', () => {
    assert.equal(httpPlan().stacks, undefined);
    assert.equal(httpPlan({ stacks: [CHILD] }).stacks, undefined);
  });

  it('goes by the method, or *', () => {
    const plan = planOf({ requestStack: { POST: 'none', '*': { mime: CHILD } } });
    assert.equal(plan.forRequest(asked('POST'), session), undefined);
    assert.deepEqual(plan.forRequest(asked('PUT'), session), {
      ...{ form: 'mime', child: CHILD, decode: undefined },
    });
    const narrow = planOf({ requestStack: { POST: { mime: CHILD } } });
    assert.equal(narrow.forRequest(asked('constructor'), session), undefined);
  });

  it('looks at data only where there is any', () => {
    const plan = planOf({ requestStack: { '*': { data: CHILD } } });
    assert.equal(plan.forRequest(asked('POST', 'Content-Length: 0\r\n'), session), undefined);
    const found = atOnce(plan.forRequest(asked('POST', 'Content-Length: 1\r\n'), session));
    assert.equal(found?.form, 'data');
  });

  it('decodes what can be decoded, and refuses the rest', () => {
    const coded = (coding: string) =>
      asked('POST', `Content-Length: 1\r\nContent-Encoding: ${coding}\r\n`);
    const rule = { requestStack: { '*': { data: CHILD } } };
    assert.equal(atOnce(planOf(rule).forRequest(coded('gzip'), session))?.decode, 'gzip');
    assert.throws(() => planOf(rule).forRequest(coded('compress'), session), Refused);
    const passing = planOf({ ...rule, undecodableBodies: 'pass' });
    assert.equal(atOnce(passing.forRequest(coded('compress'), session))?.decode, undefined);
    const plain = planOf({ ...rule, decodeBodies: false });
    assert.equal(atOnce(plain.forRequest(coded('gzip'), session))?.decode, undefined);
  });

  it('asks functions, which choose among what is named', () => {
    const plan = planOf({
      requestStack: { '*': (request) => ({ data: request.method === 'POST' ? CHILD : OTHER }) },
      stacks: [CHILD],
    });
    const body = 'Content-Length: 1\r\n';
    assert.equal(atOnce(plan.forRequest(asked('POST', body), session))?.child, CHILD);
    assert.throws(() => plan.forRequest(asked('PUT', body), session), PolicyFault);
    const broken = planOf({
      requestStack: {
        '*': () => {
          throw new Error('no');
        },
      },
    });
    assert.throws(() => broken.forRequest(asked('PUT', body), session), PolicyFault);
  });

  it('asks functions about responses', () => {
    const plan = planOf({
      responseStack: { '*': ({ status }) => (status === 200 ? { data: CHILD } : 'none') },
      stacks: [CHILD],
    });
    assert.equal(plan.asksAboutResponses, true);
    assert.equal(plan.looksAtResponses('GET'), true);
    assert.equal(plan.forResponsesTo('GET'), plan);
    const question = { exchange: asked('GET'), session, hasBody: true };
    for (const [status, name] of [
      [200, 'scanner'],
      [404, undefined],
    ] as const) {
      const head = parsedResponse(`HTTP/1.1 ${status} X\r\n\r\n`);
      assert.equal(atOnce(plan.forResponse(head, question))?.child.name, name);
    }
  });

  it('may have to wait for functions', async () => {
    const plan = planOf({
      requestStack: {
        '*': ({ method }) => Promise.resolve({ data: method === 'POST' ? CHILD : OTHER }),
      },
      responseStack: { '*': () => Promise.resolve('none' as const) },
      stacks: [CHILD],
    });
    for (const method of ['POST', 'PUT']) {
      const exchange = asked(method, 'Content-Length: 1\r\n');
      const answer = plan.forRequest(exchange, session);
      assert.ok(isPromise(answer));
      const value = await answer;
      if (method === 'POST') assert.equal(plan.requestChosen(value, exchange)?.child, CHILD);
      else assert.throws(() => plan.requestChosen(value, exchange), PolicyFault);
    }
    const head = parsedResponse('HTTP/1.1 200 X\r\n\r\n');
    const question = { exchange: asked('GET'), session, hasBody: true };
    const answer = plan.forResponse(head, question);
    assert.ok(isPromise(answer));
    assert.equal(plan.responseChosen(await answer, head, true), undefined);
  });

  it('has the bounds of decoding', () => {
    const plan = planOf({ requestStack: { '*': 'none' }, maxDecodedRatio: 7, maxDecodedBytes: 9 });
    assert.deepEqual(plan.decoding('br', 3), {
      ...{ coding: 'br', plainBytes: 3, maxRatio: 7, maxBytes: 9 },
    });
  });
});
