import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readAtOnce } from '../../test/support/read-at-once.ts';
import { takeLiveInputs } from '../proxy/live-input.ts';
import type { HtpasswdProvider } from '../policy/provider-htpasswd.ts';
import { htpasswdProvider } from '../policy/provider-htpasswd.ts';
import { ldapProvider } from '../policy/provider-ldap.ts';
import { ProviderChecks } from './provider-checks.ts';

const HASH = '$2y$04$8ue6JBSrE7Bxlch4/R95Tebdlvfgk2gmwRWU9foQtoG2v53DIioC.';

function providerOf(users: string, groups: string): HtpasswdProvider {
  takeLiveInputs();
  const provider = htpasswdProvider({ file: 'users', groupFile: 'groups' });
  for (const input of takeLiveInputs())
    if (input.kind === 'live-file') readAtOnce(input, input.path === 'users' ? users : groups);
  return provider;
}

describe('ProviderChecks', () => {
  it('checks the hash of a user, and gives its groups', async () => {
    const provider = providerOf(`alice:${HASH}`, 'staff: alice');
    const checks = new ProviderChecks();
    const right = { user: 'alice', password: 'correct horse' };
    assert.deepEqual(await checks.check(provider, right), { groups: ['staff'] });
    assert.equal(await checks.check(provider, { ...right, password: 'wrong' }), undefined);
    assert.equal(await checks.check(provider, { ...right, user: 'bob' }), undefined);
  });

  it('checks a hash also for a user who is not there', async () => {
    const hashes: string[] = [];
    const checks = new ProviderChecks({
      matches: (_password, hash) => {
        hashes.push(hash);
        return Promise.resolve(true); // not even a decoy that matches lets anybody in
      },
    });
    const provider = providerOf(`alice:${HASH}`, '');
    assert.equal(await checks.check(provider, { user: 'bob', password: 'x' }), undefined);
    assert.deepEqual(hashes, [provider.passwords().decoy]);
  });

  it('fails where a directory cannot be reached', async () => {
    const url = 'ldap://127.0.0.1:1';
    const provider = ldapProvider({ url, plaintext: true, userDn: 'uid={user},dc=example' });
    await assert.rejects(new ProviderChecks().check(provider, { user: 'a', password: 'b' }));
  });
});
