import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hashSync } from 'bcryptjs';
import { hasHash } from './bcrypt-thread-main.ts';

describe('hasHash()', () => {
  it('knows passwords that htpasswd -B hashed', () => {
    // htpasswd -nbB -C 4 alice 'correct horse'
    const hash = '$2y$04$8ue6JBSrE7Bxlch4/R95Tebdlvfgk2gmwRWU9foQtoG2v53DIioC.';
    assert.equal(hasHash({ password: 'correct horse', hash }), true);
    assert.equal(hasHash({ password: 'correct horsE', hash }), false);
  });

  it('does not take a password by its first 72 bytes', () => {
    const hash = hashSync('a'.repeat(72), 4);
    assert.equal(hasHash({ password: 'a'.repeat(72), hash }), true);
    assert.equal(hasHash({ password: 'a'.repeat(73), hash }), false);
  });
});
