import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { explainFinding } from './finding-words.ts';

describe('explainFinding()', () => {
  it('says in words what is wrong, and what OpenSSL calls it', () => {
    assert.equal(
      explainFinding('CERT_HAS_EXPIRED'),
      'The certificate of the peer is not accepted: it has expired (CERT_HAS_EXPIRED)',
    );
  });

  it('has the name alone of what is rare', () => {
    assert.equal(
      explainFinding('PERMITTED_SUBTREE_VIOLATION'),
      'The certificate of the peer is not accepted: PERMITTED_SUBTREE_VIOLATION',
    );
  });
});
