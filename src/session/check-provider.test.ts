import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { revisionOf, serviceOf, proxyOf, SessionWorld } from '../../test/support/session-world.ts';
import { functionProvider } from '../policy/authentication-provider.ts';
import type { CheckFunction } from '../policy/authentication-provider.ts';
import { htpasswdProvider } from '../policy/provider-htpasswd.ts';
import { checkProvider, identityOf } from './check-provider.ts';

const CREDENTIALS = { user: 'alice', password: 'secret' };

function worldOf(): SessionWorld {
  return new SessionWorld(revisionOf(serviceOf('web', { proxy: proxyOf(() => []) })));
}

function ask(world: SessionWorld, check: CheckFunction): ReturnType<typeof checkProvider> {
  const asking = { outside: world, session: world.session(), timeoutMs: 1_000 };
  return checkProvider(asking, functionProvider(check), CREDENTIALS);
}

describe('checkProvider()', () => {
  it('asks a function, which may be async', async () => {
    const world = worldOf();
    const seen: unknown[] = [];
    const check: CheckFunction = (user, password, session) => {
      seen.push(user, password, session.clientAddress.port);
      return { groups: ['staff'] };
    };
    assert.deepEqual(await ask(world, check), { groups: ['staff'] });
    assert.deepEqual(seen, ['alice', 'secret', 40_000]);
    assert.equal(await ask(world, () => Promise.resolve(undefined)), undefined);
    assert.equal(world.clock.armed, 0);
  });

  it('asks the outside about files and directories', async () => {
    const world = worldOf();
    const asking = { outside: world, session: world.session(), timeoutMs: 1_000 };
    const provider = htpasswdProvider({ file: 'users' });
    assert.equal(await checkProvider(asking, provider, CREDENTIALS), undefined);
  });

  it('fails where the function does, and when it takes too long', async () => {
    const world = worldOf();
    const broken = ask(world, () => {
      throw new Error('no database');
    });
    await assert.rejects(broken, /no database/);
    const late = ask(world, () => new Promise(() => undefined));
    world.clock.advance(1_000);
    await assert.rejects(late, /did not answer within 1000 ms/);
    assert.equal(world.clock.armed, 0);
  });
});

describe('identityOf()', () => {
  it('has the name that was typed, or that of the provider', () => {
    assert.deepEqual(identityOf({}, 'Alice'), { user: 'Alice', groups: [] });
    assert.deepEqual(identityOf({ user: 'alice', groups: ['a', 'b'] }, 'Alice'), {
      user: 'alice',
      groups: ['a', 'b'],
    });
  });

  it('takes nothing else from a function', () => {
    for (const bad of [
      ...[true, 'yes', 1, { user: 7 }, { user: '' }, { user: 'a\nb' }, { user: 'a\x85' }],
      ...[{ user: 'a\ud800' }, { groups: ['\udc00'] }, { groups: 'staff' }],
      ...[{ groups: [''] }, { groups: [7] }, { groups: Array(1_001).fill('a') }, null],
    ])
      assert.throws(() => identityOf(bad as never, 'alice'), /The provider returned/);
  });

  it('takes nothing for a proof that says nothing of a user, such as rows of which there are none', () => {
    const unsaid = [{ user: undefined }, { groups: undefined }, { ok: true, user: undefined }];
    const others = [new Error('wrong'), new Map(), new Date(0)];
    for (const bad of [[], ['alice'], { ok: false }, ...unsaid, ...others])
      assert.throws(() => identityOf(bad as never, 'alice'), /The provider returned a/);
    class Entry {
      readonly groups = ['staff'];
    }
    assert.deepEqual(identityOf(new Entry(), 'alice').groups, ['staff']);
    assert.deepEqual(identityOf({ user: 'bob', id: 7 } as object, 'alice').user, 'bob');
  });

  it('tells no password that a function gives back', () => {
    for (const bad of ['sesame', ['sesame'], { password: 'sesame' }, { groups: 1, hash: 'sesame' }])
      assert.throws(
        () => identityOf(bad as never, 'alice'),
        (error: Error) => !error.message.includes('sesame'),
      );
  });

  it('checks the groups that it keeps', () => {
    const changing = new Proxy(['a'], {
      get: (list, key) =>
        key === Symbol.iterator ? () => [10n].values() : (Reflect.get(list, key) as unknown),
    });
    for (const groups of [new Array(2), changing])
      assert.throws(() => identityOf({ groups }, 'alice'), /The provider returned .* as groups/);
  });
});
