import assert from 'node:assert/strict';
import { it } from 'node:test';
import { testSession } from '../../../../test/support/playbook.ts';
import { tunnelTarget } from './tunnel-target.ts';

it('tunnelTarget is not there where there is no tunnel', () => {
  assert.equal(testSession().get(tunnelTarget), undefined);
});
