import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faultsOf } from '../proxy/policy-fault.ts';
import { ldapProvider } from './provider-ldap.ts';

const DN = 'uid={user},ou=people,dc=example,dc=org';

function curesOf(options: object): readonly string[] {
  return faultsOf(ldapProvider(options as never)).map(({ path, cure }) => `${path}: ${cure}`);
}

describe('ldapProvider()', () => {
  it('has defaults', () => {
    const provider = ldapProvider({
      url: 'ldaps://ldap.example.org',
      search: { baseDn: 'dc=example' },
      groups: { baseDn: 'ou=groups' },
    });
    assert.deepEqual(faultsOf(provider), []);
    assert.equal(provider.search?.filter, '(uid={user})');
    assert.deepEqual(provider.groups, {
      baseDn: 'ou=groups',
      filter: '(member={dn})',
      attribute: 'cn',
    });
    assert.equal(provider.timeoutMs, 5_000);
    assert.equal(provider.maxConnections, 4);
  });

  it('sends no password in plain text unless told so', () => {
    assert.match(curesOf({ url: 'ldap://h', userDn: DN }).join(), /^url: use ldaps/);
    assert.deepEqual(curesOf({ url: 'ldap://h', userDn: DN, startTls: true }), []);
    assert.deepEqual(curesOf({ url: 'ldap://127.0.0.1:389', userDn: DN, plaintext: true }), []);
    const both = { url: 'ldap://h', userDn: DN, plaintext: true, startTls: true };
    assert.match(curesOf(both).join(), /^url: /);
    assert.match(curesOf({ url: 'ldaps://h', userDn: DN, startTls: true }).join(), /^startTls: /);
  });

  it('wants one way to find a user', () => {
    assert.match(curesOf({ url: 'ldaps://h' }).join(), /either userDn or search/);
    const both = { url: 'ldaps://h', userDn: DN, search: { baseDn: 'dc=x' } };
    assert.match(curesOf(both).join(), /either userDn or search/);
  });

  it('wants templates with the user in them', () => {
    assert.match(curesOf({ url: 'ldaps://h', userDn: 'cn=admin' }).join(), /\{user\}/);
    const search = { baseDn: 'dc=x', filter: '(uid=*)' };
    assert.match(curesOf({ url: 'ldaps://h', search }).join(), /\{user\}/);
    const plain = { baseDn: 'dc=x', filter: 'uid={user}' };
    assert.match(curesOf({ url: 'ldaps://h', search: plain }).join(), /in parentheses/);
    const groups = { baseDn: 'dc=x', filter: '(cn=*)' };
    assert.match(curesOf({ url: 'ldaps://h', userDn: DN, groups }).join(), /\{dn\} or \{user\}/);
  });

  it('wants the password of the entry that asks', () => {
    const search = { baseDn: 'dc=x', bindDn: 'cn=zorp' };
    assert.match(curesOf({ url: 'ldaps://h', search }).join(), /both bindDn and bindPassword/);
  });

  it('takes no URL with more than a server', () => {
    for (const url of ['ldap.example.org', 'ldaps://u:p@h', 'ldaps://h/dc=x?uid', 'http://h'])
      assert.match(curesOf({ url, userDn: DN }).join(), /URL of a server/, url);
  });
});
