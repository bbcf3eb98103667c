import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { IpAddress } from '../address/ip-address.ts';
import { GuessLimit } from './guess-limit.ts';

const CLIENT = IpAddress.parse('10.1.2.3');

function limitOf(clock = new ManualClock()): GuessLimit {
  return new GuessLimit(clock, { maxFailures: 3, failureWindowMs: 10_000 });
}

describe('GuessLimit', () => {
  it('takes so many guesses, and says when there will be more', () => {
    const clock = new ManualClock();
    const limit = limitOf(clock);
    assert.deepEqual(
      [1, 2, 3].map(() => limit.take(CLIENT)),
      [0, 0, 0],
    );
    assert.equal(limit.take(CLIENT), 10_000);
    clock.advance(9_999);
    assert.equal(limit.take(CLIENT), 1);
    clock.advance(1);
    assert.equal(limit.take(CLIENT), 0);
  });

  it('gives guesses back that were right', () => {
    const limit = limitOf();
    for (let guess = 0; guess < 10; guess++) {
      assert.equal(limit.take(CLIENT), 0);
      limit.giveBack(CLIENT);
    }
    limit.giveBack(CLIENT); // never more than were taken
    for (let guess = 0; guess < 3; guess++) limit.take(CLIENT);
    assert.notEqual(limit.take(CLIENT), 0);
  });

  it('counts each client for itself, and a network of IPv6 as one', () => {
    const limit = limitOf();
    for (let guess = 0; guess < 3; guess++) limit.take(CLIENT);
    assert.equal(limit.take(IpAddress.parse('10.1.2.4')), 0);
    for (let guess = 0; guess < 3; guess++)
      assert.equal(limit.take(IpAddress.parse(`2001:db8::${guess}`)), 0);
    assert.notEqual(limit.take(IpAddress.parse('2001:db8::ffff')), 0);
    assert.equal(limit.take(IpAddress.parse('2001:db8:0:1::')), 0);
  });

  it('remembers a bounded number of clients, those that came last', () => {
    const limit = limitOf();
    for (let guess = 0; guess < 3; guess++) limit.take(CLIENT);
    for (let client = 0; client < 10_000; client++)
      limit.take(IpAddress.fromWords('ipv4', [0x0b000000 + client]));
    assert.equal(limit.take(CLIENT), 0);
  });
});
