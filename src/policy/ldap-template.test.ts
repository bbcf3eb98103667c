import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { escapeDnValue, escapeFilterValue, fillDn, fillFilter } from './ldap-template.ts';

describe('fillFilter()', () => {
  it('puts names into their places', () => {
    assert.equal(fillFilter('(uid={user})', { user: 'alice' }), '(uid=alice)');
    assert.equal(
      fillFilter('(|(member={dn})(memberUid={user}))', { user: 'bob', dn: 'uid=bob,dc=example' }),
      '(|(member=uid=bob,dc=example)(memberUid=bob))',
    );
  });

  it('escapes what would say more than a name (RFC 4515)', () => {
    const filter = fillFilter('(uid={user})', { user: '*)(uid=*' });
    assert.equal(filter, '(uid=\\2a\\29\\28uid=\\2a)');
    assert.equal(escapeFilterValue('a\\b\0'), 'a\\5cb\\00');
    assert.equal(escapeFilterValue('Žo'), '\\c5\\bdo');
  });

  it('does not fill in a place that a name brought', () => {
    const filter = fillFilter('(&(uid={user})(x={dn}))', { user: '{dn}', dn: '$&' });
    assert.equal(filter, '(&(uid=\\7bdn\\7d)(x=\\24\\26))');
  });

  it('never lets a name end its value', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (user) => {
        assert.match(escapeFilterValue(user), /^(?:[^()*\\\0]|\\[0-9a-f]{2})*$/);
        assert.match(escapeDnValue(user), /^(?:[A-Za-z0-9.@_-]|\\[0-9a-f]{2})*$/);
      }),
    );
  });
});

describe('fillDn()', () => {
  it('escapes the separators of names (RFC 4514)', () => {
    assert.equal(fillDn('uid={user},dc=example', 'alice'), 'uid=alice,dc=example');
    assert.equal(fillDn('uid={user},dc=example', 'a,dc=evil'), 'uid=a\\2cdc\\3devil,dc=example');
    assert.equal(fillDn('uid={user},dc=example', '#a '), 'uid=\\23a\\20,dc=example');
  });
});
