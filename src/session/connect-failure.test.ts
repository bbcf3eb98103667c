// Every code of the system has a reason and a sentence.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { connectFailure, isOfServer, resolveFailure } from './connect-failure.ts';

describe('connectFailure() and resolveFailure()', () => {
  for (const [failure, reason] of [
    [connectFailure('ECONNREFUSED'), 'connect.refused'],
    [connectFailure('ETIMEDOUT'), 'connect.timeout'],
    [connectFailure('EHOSTUNREACH'), 'connect.unreachable'],
    [connectFailure('ENETUNREACH'), 'connect.unreachable'],
    [connectFailure('EADDRINUSE'), 'connect.local-address'],
    [connectFailure('EADDRNOTAVAIL'), 'connect.local-address'],
    [connectFailure('EPERM'), 'connect.local-address'],
    [connectFailure('EWRONGPEER'), 'connect.wrong-peer'],
    [connectFailure('EMFILE'), 'connect.no-descriptors'],
    [resolveFailure('ENOTFOUND'), 'resolve.unknown'],
    [resolveFailure('ENODATA'), 'resolve.unknown'],
    [resolveFailure('EINVALIDNAME'), 'resolve.invalid'],
    [resolveFailure('ETIMEOUT'), 'resolve.timeout'],
    [resolveFailure('EBUSY'), 'resolve.busy'],
  ] as const)
    it(`has ${reason}: ${failure.message}`, () => {
      assert.equal(failure.reason, reason);
      assert.equal(failure.verdict, 'denied-by-connection-fail');
    });

  it('name a code that nobody knows', () => {
    assert.match(connectFailure('EODD').message, /EODD/);
    assert.match(resolveFailure('EODD').message, /EODD/);
  });
});

describe('isOfServer()', () => {
  it('is no for what this machine lacks', () => {
    for (const [error, expected] of [
      ['ECONNREFUSED', true],
      ['ETIMEDOUT', true],
      ['EWHATEVER', true],
      ['EMFILE', false],
      ['EADDRINUSE', false],
      ['EADDRNOTAVAIL', false],
    ] as const)
      assert.equal(isOfServer(connectFailure(error)), expected, error);
  });
});
