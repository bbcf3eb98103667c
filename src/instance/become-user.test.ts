import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Libc } from '../io/libc.ts';
import type { SwitchTo } from '../io/switch-user.ts';
import { becomeUser, keepCapabilitiesFromPrograms } from './become-user.ts';
import type { UserSystem } from './become-user.ts';

const NONE = { effective: 0n, permitted: 0n, ambient: 0n, inheritable: 0n };
const ALL = { ...NONE, effective: 0x1ffffffffffn, permitted: 0x1ffffffffffn };
const NOBODY = { name: 'nobody', uid: 65534, gid: 65534 };
const USERS = [NOBODY, { name: 'root', uid: 0, gid: 0 }, { name: 'toor', uid: 0, gid: 0 }];
const unused = {} as Libc; // what is asked here is only whether there is one

class Became extends Error {
  readonly to: SwitchTo;
  constructor(to: SwitchTo) {
    super('became another user');
    this.to = to;
  }
}

/** A system on which root runs, changed by the test. */
function system(changes: Partial<UserSystem> = {}): UserSystem {
  return {
    platform: 'linux',
    uid: 0,
    gid: 0,
    capabilities: () => ALL,
    findUser: (name) => USERS.find((user) => user.name === name),
    findGroup: (name) => (name === 'daemon' ? { name, gid: 1 } : undefined),
    libc: () => ({ libc: unused }),
    try: () => ({ ok: true, unreadable: [] }),
    become: (to) => {
      throw new Became(to);
    },
    ...changes,
  };
}

function become(changes: Partial<UserSystem>, group?: string): void {
  becomeUser({ user: 'nobody', group }, ['/policy.ts'], system(changes));
}

describe('becomeUser()', () => {
  it('becomes the user with the two capabilities, in its group or in another', () => {
    const capabilities = ['net_admin', 'net_bind_service'];
    const to = { user: NOBODY, group: undefined, capabilities };
    assert.throws(() => become({}), { to });
    const group = { name: 'daemon', gid: 1 };
    assert.throws(() => become({}, 'daemon'), { to: { ...to, group } });
  });

  it('keeps only what root itself has: in a container it may be less', () => {
    const permitted = ALL.permitted & ~(1n << 12n);
    const less = { capabilities: () => ({ ...ALL, permitted }) };
    assert.throws(
      () => become(less),
      (error: Became) => {
        assert.deepEqual(error.to.capabilities, ['net_bind_service']);
        return true;
      },
    );
  });

  it('goes on where it is that user already', () => {
    become({ uid: 65534, gid: 65534 });
    become({ uid: 65534, gid: 1 }, 'daemon');
  });

  it('says in one sentence why it cannot be, and what to do', () => {
    const cases: readonly (readonly [Partial<UserSystem>, RegExp, string?])[] = [
      [{ platform: 'darwin' }, /only Linux can$/],
      [{ findUser: () => undefined }, /as user "nobody": there is none.*useradd --system/],
      [{}, /as group "audio": there is none.*groupadd --system/, 'audio'],
      [
        { uid: 1000 },
        /only root may become another user; start Zorp as root, or as nobody itself$/,
      ],
      [{ uid: 65534 }, /^Error: Cannot run in group daemon: only root may change it/, 'daemon'],
      [{ libc: () => ({ missing: 'koffi does not load' }) }, /would get.*\. koffi does not load$/],
      [{ try: () => ({ ok: false, error: 'no setpriv' }) }, /no setpriv; setpriv, of the package/],
      [
        { try: (_to, files) => ({ ok: true, unreadable: files }) },
        /as nobody, who cannot read \/policy\.ts: let that user read it/,
      ],
    ];
    for (const [changes, message, group] of cases)
      assert.throws(() => become(changes, group), message);
    const root = { user: 'toor' };
    assert.throws(() => becomeUser(root, [], system()), /as toor: it keeps every right of root/);
  });
});

describe('keepCapabilitiesFromPrograms()', () => {
  it('has nothing to do where programs get none', () => {
    const never = (): never => assert.fail('it must not be asked');
    const linux = { platform: 'linux', capabilities: () => ALL, libc: never };
    assert.equal(keepCapabilitiesFromPrograms(linux), undefined);
    const other = { platform: 'darwin', capabilities: never, libc: never };
    assert.equal(keepCapabilitiesFromPrograms(other), undefined);
  });

  it('says why they get them where there is no libc', () => {
    const given = {
      platform: 'linux',
      capabilities: () => ({ ...NONE, ambient: 0x1000n }),
      libc: () => ({ missing: 'koffi does not load' }),
    };
    assert.equal(
      keepCapabilitiesFromPrograms(given),
      'Programs of the policy get the capabilities of Zorp: koffi does not load',
    );
  });
});
