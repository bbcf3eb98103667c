import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faultsOf } from '../proxy/policy-fault.ts';
import { explainProvider, functionProvider } from './authentication-provider.ts';
import { htpasswdProvider } from './provider-htpasswd.ts';
import { ldapProvider } from './provider-ldap.ts';

describe('functionProvider()', () => {
  it('keeps its function', () => {
    const check = (): undefined => undefined;
    const provider = functionProvider(check);
    assert.equal(provider.check, check);
    assert.deepEqual(faultsOf(provider), []);
  });

  it('takes nothing else', () => {
    assert.match(faultsOf(functionProvider('alice' as never))[0]?.cure ?? '', /give a function/);
  });
});

describe('explainProvider()', () => {
  it('says who is asked', () => {
    assert.equal(explainProvider(htpasswdProvider({ file: 'users' })), 'the passwords of users');
    assert.equal(
      explainProvider(ldapProvider({ url: 'ldaps://ldap.example', userDn: 'uid={user}' })),
      'ldaps://ldap.example',
    );
    const named = functionProvider(function askHotel() {
      return undefined;
    });
    assert.equal(explainProvider(named), 'askHotel()');
    assert.equal(explainProvider(functionProvider(() => undefined)), 'a function');
  });
});
