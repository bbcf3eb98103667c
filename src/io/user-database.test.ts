import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findGroup, findUser } from './user-database.ts';

describe('the user database', () => {
  it('has root, by name and by number', () => {
    const root = { name: 'root', uid: 0, gid: 0 };
    assert.deepEqual(findUser('root'), root);
    assert.deepEqual(findUser('0'), root);
    assert.deepEqual(findGroup('root'), { name: 'root', gid: 0 });
    assert.deepEqual(findGroup('0'), { name: 'root', gid: 0 });
  });

  it('says of others that they are not there, whatever they are called', () => {
    for (const name of ['no-such-user', '--help', '', 'a:b', '4294967295', 'root\nroot']) {
      assert.equal(findUser(name), undefined, name);
      assert.equal(findGroup(name), undefined, name);
    }
  });

  it('says so where nobody can be asked', (context) => {
    const path = process.env['PATH'];
    context.after(() => (process.env['PATH'] = path));
    process.env['PATH'] = '/nowhere';
    assert.throws(() => findUser('root'), /^Error: Cannot ask for passwd "root": getent.*ENOENT/);
  });
});
