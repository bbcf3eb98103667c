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
    for (const port of ['stack-client', 'stack-server'] as const)
      assert.equal(
        shown(ended(port, 'ECONNRESET')),
        'denied-by-unknown-fail plug.stack-reset reset',
      );
  });

  it('is nothing for what ends no session', () => {
    const others = [
      contentVerdict('accept'),
      contentVerdict('unspecified'),
      ended('stack-client'),
      ended('server', 'ECONNRESET'),
      received('stack-server', 'x'),
      stacked(),
    ];
    for (const event of others) assert.equal(childEndingOf(event, 'plug'), undefined);
  });
});

describe('isServerDropped()', () => {
  const service = { kind: 'service' } as const;

  it('is so when a service loses the link that stands for the server', () => {
    assert.equal(isServerDropped(ended('stack-server', 'ECONNRESET'), service), true);
  });

  it('is so at no other end, and with no other child', () => {
    for (const event of [
      ended('stack-server'),
      ended('stack-client', 'ECONNRESET'),
      ended('server', 'ECONNRESET'),
      stackVerdict('accepted', 'done', 'reset'),
    ])
      assert.equal(isServerDropped(event, service), false);
    const dropped = ended('stack-server', 'ECONNRESET');
    for (const child of [{ kind: 'program' } as const, undefined])
      assert.equal(isServerDropped(dropped, child), false);
  });
});
