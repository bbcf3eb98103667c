// The attribute of the hint.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { testSession } from '../../test/support/test-session.ts';
import { contentHint } from './content-hint.ts';

it('contentHint is read from the session on which it was set', () => {
  const session = testSession();
  assert.equal(session.get(contentHint), undefined);
  session.set(contentHint, { length: 3, format: 'email' });
  assert.deepEqual(session.get(contentHint), { length: 3, format: 'email' });
});
