import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faultsOf } from '../proxy/policy-fault.ts';
import { playedSession } from '../proxy/played-session.ts';
import { PolicyFault } from '../proxy/violation.ts';
import type { AnyAuthorization, Use } from './authorization.ts';
import {
  anyAuthorization,
  askAuthorization,
  authorizationsIn,
  explainAuthorization,
  permitAll,
  permitAny,
  permitGroup,
  permitUser,
} from './authorization.ts';

function useOf(user: string, ...groups: readonly string[]): Use {
  const moment = { weekday: 1, minute: 600 };
  return { identity: { user, groups }, moment, session: playedSession() };
}

describe('permitUser() and permitGroup()', () => {
  it('permit by exact names', () => {
    const alice = permitUser(['alice', 'bob']);
    assert.equal(alice.permits(useOf('alice')), true);
    assert.equal(alice.permits(useOf('Alice')), false);
    assert.equal(permitUser('carol').permits(useOf('carol')), true);
    const staff = permitGroup(['staff', 'boss']);
    assert.equal(staff.permits(useOf('alice', 'users', 'boss')), true);
    assert.equal(staff.permits(useOf('staff', 'users')), false);
    assert.equal(staff.permits(useOf('alice')), false);
  });

  it('tell what is wrong', () => {
    for (const bad of [[], '', [''], 7, undefined]) {
      assert.equal(faultsOf(permitUser(bad as never)).length, 1);
      assert.equal(faultsOf(permitGroup(bad as never)).length, 1);
    }
  });
});

describe('permitAll() and permitAny()', () => {
  const staff = permitGroup('staff');
  const alice = permitUser('alice');

  it('combine', () => {
    const all = permitAll([staff, alice]);
    const any = permitAny([staff, alice]);
    const cases: readonly (readonly [Use, boolean, boolean])[] = [
      [useOf('alice', 'staff'), true, true],
      [useOf('alice'), false, true],
      [useOf('bob', 'staff'), false, true],
      [useOf('bob'), false, false],
    ];
    for (const [use, isAll, isAny] of cases) {
      assert.equal(all.permits(use), isAll);
      assert.equal(any.permits(use), isAny);
    }
  });

  it('tell in English what they permit', () => {
    const nested = permitAny([
      permitAll([staff, alice]),
      function onCall() {
        return true;
      },
    ]);
    const text = '(((group staff) and (user alice)) or (by onCall()))';
    assert.equal(explainAuthorization(nested), text.slice(1, -1));
  });

  it('give all their parts, for the check of a policy', () => {
    const nested = permitAny([permitAll([staff, alice]), () => true]);
    assert.equal(authorizationsIn(nested).length, 4);
    assert.equal(authorizationsIn(() => true).length, 0);
  });

  it('tell what is wrong', () => {
    for (const bad of [[], undefined, [{ ...staff }], ['staff']])
      assert.equal(faultsOf(permitAll(bad as never)).length, 1);
  });
});

describe('askAuthorization()', () => {
  it('asks functions about the identity and the session', () => {
    const asked: AnyAuthorization = ({ user, groups }, session) =>
      user === 'alice' && groups[0] === 'staff' && session.clientAddress.port === 40_000;
    assert.equal(askAuthorization(asked, useOf('alice', 'staff')), true);
    assert.equal(askAuthorization(asked, useOf('alice')), false);
  });

  it('takes no promise for an answer', () => {
    const late = (() => Promise.resolve(true)) as never;
    assert.throws(() => askAuthorization(late, useOf('alice')), PolicyFault);
  });

  it('is a PolicyFault where a function throws', () => {
    const broken = (): boolean => {
      throw new Error('no');
    };
    assert.throws(() => askAuthorization(broken, useOf('alice')), /no/);
    assert.throws(() => askAuthorization(permitAll([broken]), useOf('alice')), PolicyFault);
  });
});

describe('anyAuthorization', () => {
  it('takes what the vocabulary made, and functions', () => {
    assert.equal(anyAuthorization.safeParse(permitUser('a')).success, true);
    assert.equal(anyAuthorization.safeParse(() => true).success, true);
    assert.equal(anyAuthorization.safeParse({ ...permitUser('a') }).success, false);
  });
});
