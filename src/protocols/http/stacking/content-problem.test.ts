import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TransferFailure } from '../../../proxy/stack-transfer.ts';
import { PARTIAL_CONTENT, problemOfContent, undecodable } from './content-problem.ts';

function failure(reason: string, verdict: TransferFailure['verdict']): TransferFailure {
  return { reason, verdict, message: 'Why' };
}

describe('contents that do not go on', () => {
  for (const [reason, verdict, side, status] of [
    ['content.reject', 'denied-by-policy', 'client', 403],
    ['content.reject', 'denied-by-policy', 'server', 403],
    ['content.bad-coding', 'denied-by-policy', 'client', 415],
    ['content.too-compressed', 'denied-by-policy', 'server', 502],
    ['content.timeout', 'denied-by-limit', 'server', 503],
    ['program.failed', 'denied-by-unknown-fail', 'server', 500],
  ] as const)
    it(`of the ${side} for ${reason} have status ${status}`, () => {
      const problem = problemOfContent(failure(reason, verdict), side);
      assert.deepEqual(problem, {
        ...{ kind: 'content', status, code: reason, message: 'Why', verdict },
      });
    });

  it('are refused without a word where the child drops them', () => {
    const content = { word: 'drop', description: '' } as const;
    const dropped = { ...failure('content.drop', 'denied-by-policy'), content };
    assert.equal(problemOfContent(dropped, 'server').isSilent, true);
  });

  it('are the fault of whoever sent them', () => {
    assert.equal(undecodable('client').status, 415);
    assert.equal(undecodable('server').status, 502);
    assert.equal(PARTIAL_CONTENT.status, 502);
  });
});
