import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readAtOnce } from '../../test/support/read-at-once.ts';
import type { LiveFile } from '../proxy/live-input.ts';
import { takeLiveInputs } from '../proxy/live-input.ts';
import { faultsOf } from '../proxy/policy-fault.ts';
import type { HtpasswdProvider } from './provider-htpasswd.ts';
import { htpasswdProvider } from './provider-htpasswd.ts';

const HASH = '$2y$04$DgoPLeqrnRfQwCSSHFRc5OXlDcHV1nxBIpmYR47xlMU9oamr05Pc6';

function made(): { provider: HtpasswdProvider; files: readonly LiveFile[] } {
  takeLiveInputs();
  const provider = htpasswdProvider({ file: 'users', groupFile: 'groups' });
  const files = takeLiveInputs().filter((input) => input.kind === 'live-file');
  return { provider, files };
}

describe('htpasswdProvider()', () => {
  it('has the users and groups that its files have now', () => {
    const { provider, files } = made();
    const [users, groups] = files;
    assert.ok(users && groups);
    assert.deepEqual([users.path, groups.path], ['users', 'groups']);
    assert.throws(() => provider.passwords(), /was not read/);
    assert.deepEqual(readAtOnce(users, `alice:${HASH}`), []);
    assert.deepEqual(readAtOnce(groups, 'staff: alice'), []);
    assert.equal(provider.passwords().hashes.get('alice'), HASH);
    assert.deepEqual(provider.groupsOf('alice'), ['staff']);
    assert.deepEqual(provider.groupsOf('bob'), []);
  });

  it('has another version after each change, and none after a faulty one', () => {
    const { provider, files } = made();
    const [users, groups] = files;
    assert.ok(users && groups);
    readAtOnce(users, `alice:${HASH}`);
    const first = provider.version();
    assert.equal(readAtOnce(users, 'alice:plain').length, 1);
    assert.equal(provider.version(), first);
    assert.equal(provider.passwords().hashes.size, 1);
    readAtOnce(groups, 'staff: alice');
    assert.notEqual(provider.version(), first);
  });

  it('knows nobody when what was read is given up', () => {
    const { provider, files } = made();
    const [users, groups] = files;
    assert.ok(users && groups);
    readAtOnce(users, `alice:${HASH}`);
    readAtOnce(groups, 'staff: alice');
    for (const file of files) file.forget();
    assert.throws(() => provider.passwords(), /was not read/);
    assert.deepEqual(provider.groupsOf('alice'), []);
  });

  it('tells what is wrong, and then reads nothing', () => {
    takeLiveInputs();
    for (const bad of [{}, { file: '' }, { file: 'x', hash: 'md5' }, undefined])
      assert.ok(faultsOf(htpasswdProvider(bad as never)).length > 0);
    assert.deepEqual(takeLiveInputs(), []);
  });
});
