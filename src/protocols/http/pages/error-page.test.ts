import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toText } from '../../../../test/support/latin1.ts';
import { errorPage } from './error-page.ts';
import { ErrorPages } from './error-pages.ts';
import { writeAnswer } from '../own-answer.ts';
import type { Problem } from '../problem.ts';
import { policyProblem } from '../problem.ts';

const NOBODY = { request: undefined, date: '' };
const PROBLEM = policyProblem('some.code', '<script>');

function pageText(
  problem: Problem,
  language: 'en' | 'de' | 'hu' = 'en',
  method: 'GET' | 'HEAD' = 'GET',
): string {
  return toText(
    writeAnswer(errorPage(problem, new ErrorPages(undefined, language), NOBODY), {
      method,
      minor: 1,
      keepsClient: false,
    }),
  );
}

describe('errorPage()', () => {
  it('has the further fields of the problem', () => {
    const fields = [['Retry-After', '10']] as const;
    assert.match(pageText({ ...PROBLEM, fields }), /\r\nRetry-After: 10\r\n[^]*\r\n\r\n/);
  });

  it('is a complete response whose length is right, in every language', () => {
    for (const language of ['en', 'de', 'hu'] as const) {
      const [head = '', body = ''] = pageText(PROBLEM, language).split('\r\n\r\n');
      assert.match(head, /^HTTP\/1\.1 403 Forbidden\r\n/);
      assert.match(head, new RegExp(`\r\nContent-Length: ${body.length}\r\n`));
      assert.doesNotMatch(head, /Date/);
      assert.match(body, /&lt;script&gt;\.<\/p>[^]*some\.code/);
    }
  });

  it('has the same head and no body for HEAD', () => {
    const whole = pageText(PROBLEM);
    assert.equal(pageText(PROBLEM, 'en', 'HEAD'), whole.slice(0, whole.indexOf('\r\n\r\n') + 4));
  });
});
