import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  contentVerdict,
  ended,
  received,
  stacked,
  stackRefused,
  stackVerdict,
} from '../../test/support/playbook-events.ts';
import type { ProxyEvent } from './engine.ts';
import { childEndingOf, isServerDropped } from './child-ending.ts';

function shown(event: ProxyEvent): string | undefined {
  const ending = childEndingOf(event, 'plug');
  return ending && `${ending.verdict} ${ending.reason} ${ending.how ?? 'softly'}`;
}

describe('childEndingOf()', () => {
  it('is the reason for which a child may not run, and its verdict', () => {
    const refused = stackRefused({ verdict: 'denied-by-limit', reason: 'limit.max-instances' });
    assert.equal(shown(refused), 'denied-by-limit limit.max-instances softly');
    assert.equal(shown(stackVerdict('accepted', 'done')), 'accepted done softly');
    assert.equal(
      shown(stackVerdict('denied-by-unknown-fail', 'program.failed', 'reset')),
      'denied-by-unknown-fail program.failed reset',
    );
  });

  it('cuts what the child refuses or breaks off', () => {
    for (const word of ['reject', 'drop', 'error'] as const)
      assert.equal(shown(contentVerdict(word)), 'denied-by-policy plug.content-refused reset');
    assert.match(
      childEndingOf(contentVerdict('reject', 'a virus'), 'plug')?.message ?? '',
      /stacked in the plug refused the contents: a virus$/,
    );
    assert.equal(
      shown(ended('stack-client', 'ECONNRESET')),
      'denied-by-unknown-fail plug.stack-reset reset',
    );
  });

  it('is nothing for what ends no session', () => {
    const others = [
      contentVerdict('accept'),
      contentVerdict('unspecified'),
      ended('stack-client'),
      ended('server', 'ECONNRESET'),
      ended('stack-server', 'ECONNRESET'),
      received('stack-server', 'x'),
      stacked(),
    ];
    for (const event of others) assert.equal(childEndingOf(event, 'plug'), undefined);
  });
});

describe('isServerDropped()', () => {
  it('is so when the link that stands for the server is lost, and at no other end', () => {
    assert.equal(isServerDropped(ended('stack-server', 'ECONNRESET')), true);
    for (const event of [
      ended('stack-server'),
      ended('stack-client', 'ECONNRESET'),
      ended('server', 'ECONNRESET'),
      stackVerdict('accepted', 'done', 'reset'),
    ])
      assert.equal(isServerDropped(event), false);
  });
});
