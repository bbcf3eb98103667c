import assert from 'node:assert/strict';
import { it } from 'node:test';
import { listenFailure } from './expect-failure.ts';

it('listenFailure() has a reason code and a sentence for what the system says', () => {
  for (const error of ['EADDRINUSE', 'EADDRNOTAVAIL', 'EACCES', 'EPERM'])
    assert.equal(listenFailure(error).reason, 'expect.local-address');
  for (const error of ['EMFILE', 'ENFILE'])
    assert.equal(listenFailure(error).reason, 'expect.no-descriptors');
  assert.deepEqual(listenFailure('EWEIRD'), {
    reason: 'expect.failed',
    verdict: 'denied-by-connection-fail',
    message: 'No port could be opened for the expected connection (EWEIRD)',
  });
});
