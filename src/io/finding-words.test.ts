import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { explainFinding } from './finding-words.ts';

describe('explainFinding()', () => {
  it('says in words what is wrong, and what OpenSSL calls it', () => {
    assert.equal(
      explainFinding('CERT_HAS_EXPIRED', 'www.example'),
      'The certificate of www.example is not accepted: it has expired (CERT_HAS_EXPIRED)',
    );
  });

  it('has the name alone of what is rare', () => {
    assert.equal(
      explainFinding('PERMITTED_SUBTREE_VIOLATION', 'the client'),
      'The certificate of the client is not accepted: PERMITTED_SUBTREE_VIOLATION',
    );
  });
});
