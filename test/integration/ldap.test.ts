// Users of a real directory: OpenLDAP's slapd.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { ProviderChecks } from '../../src/instance/provider-checks.ts';
import type { LdapProviderOptions } from '../../src/policy/provider-ldap.ts';
import { ldapProvider } from '../../src/policy/provider-ldap.ts';
import type { ProvedUser } from '../../src/policy/authentication-provider.ts';
import { faultsOf } from '../../src/proxy/policy-fault.ts';
import { needs } from '../support/needs.ts';
import { suiteOwner } from '../support/system-process.ts';
import type { Slapd } from '../support/system-slapd.ts';
import { startSlapd } from '../support/system-slapd.ts';

const USER_DN = 'uid={user},ou=people,dc=example,dc=org';
const SEARCH = {
  baseDn: 'ou=people,dc=example,dc=org',
  bindDn: 'cn=admin,dc=example,dc=org',
  bindPassword: 'admin-secret',
};
const GROUPS = { baseDn: 'ou=groups,dc=example,dc=org' };

describe('users of an LDAP directory', needs('slapd', 'slapadd', 'openssl', 'setpriv'), () => {
  const owner = suiteOwner();
  let slapd: Slapd;
  before(async () => {
    slapd = await startSlapd(owner);
  });

  function ask(
    options: Partial<LdapProviderOptions>,
    user: string,
    password: string,
  ): Promise<ProvedUser | undefined> {
    const plaintext = options.url === undefined;
    const provider = ldapProvider({
      url: slapd.plain,
      ...(plaintext && { plaintext }),
      ...options,
    });
    assert.deepEqual(faultsOf(provider), []);
    return new ProviderChecks().check(provider, { user, password });
  }

  it('prove who they are by a bind as themselves', async () => {
    const options = { userDn: USER_DN };
    assert.deepEqual(await ask(options, 'alice', 'wonderland'), {});
    assert.equal(await ask(options, 'alice', 'wonder'), undefined);
    assert.equal(await ask(options, 'nobody', 'wonderland'), undefined);
  });

  it('are found by a search', async () => {
    const options = { search: SEARCH, groups: GROUPS };
    assert.deepEqual(await ask(options, 'alice', 'wonderland'), { groups: ['staff', 'admins'] });
    assert.deepEqual(await ask(options, 'bob', 'builder'), { groups: [] });
    assert.equal(await ask(options, 'bob', 'wonderland'), undefined);
    assert.equal(await ask(options, 'nobody', 'wonderland'), undefined);
  });

  it('have the groups that they may see themselves', async () => {
    const found = await ask({ userDn: USER_DN, groups: GROUPS }, 'alice', 'wonderland');
    assert.deepEqual(found, { groups: ['staff', 'admins'] });
  });

  it('cannot say more than a name', async () => {
    for (const options of [{ search: SEARCH, groups: GROUPS }, { userDn: USER_DN }])
      for (const user of [
        '*',
        'ali*',
        'alice)(uid=*',
        '*)(|(uid=*',
        'alice,ou=people',
        'bob\\',
        '#',
      ])
        assert.equal(await ask(options, user, 'wonderland'), undefined, user);
  });

  it('may have names with characters that mean something to LDAP', async () => {
    const user = 'weird, name*';
    assert.deepEqual(await ask({ search: SEARCH, groups: GROUPS }, user, 'comma'), {
      groups: ['staff'],
    });
    assert.deepEqual(await ask({ userDn: USER_DN }, user, 'comma'), {});
  });

  it('are nobody where two entries have the name', async () => {
    const search = { ...SEARCH, filter: '(cn={user})' };
    await assert.rejects(ask({ search }, 'Bob', 'builder'), /several entries/);
    assert.deepEqual(await ask({ search }, 'Alice', 'wonderland'), {});
  });

  it('are asked over TLS, with a certificate that is checked', async () => {
    const options = { url: slapd.tls, userDn: USER_DN };
    const tls = { ca: slapd.ca };
    assert.deepEqual(await ask({ ...options, tls }, 'alice', 'wonderland'), {});
    assert.equal(await ask({ ...options, tls }, 'alice', 'wrong'), undefined);
    await assert.rejects(ask(options, 'alice', 'wonderland'), /certificate|self-signed/i);
    const other = { ca: slapd.ca, serverName: 'other.example.org' };
    await assert.rejects(ask({ ...options, tls: other }, 'alice', 'wonderland'), /altnames/);
    const named = { ca: slapd.ca, serverName: 'ldap.example.org' };
    assert.deepEqual(await ask({ ...options, tls: named }, 'alice', 'wonderland'), {});
  });

  it('are asked after STARTTLS', async () => {
    const options = { url: slapd.plain, startTls: true, userDn: USER_DN };
    assert.deepEqual(await ask({ ...options, tls: { ca: slapd.ca } }, 'alice', 'wonderland'), {});
    await assert.rejects(ask(options, 'alice', 'wonderland'), /certificate|self-signed/i);
  });

  it('cannot be asked where the policy has a wrong password of its own', async () => {
    const search = { ...SEARCH, bindPassword: 'wrong' };
    await assert.rejects(ask({ search }, 'alice', 'wonderland'), /refuses bindDn/);
  });
});
