import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TlsSessions } from './tls-sessions.ts';

function kept(usableUntil: number): Parameters<TlsSessions['set']>[1] {
  return { session: Buffer.from('it'), peer: undefined, usableUntil };
}

describe('TlsSessions', () => {
  it('gives a session as long as it may be used', () => {
    const sessions = new TlsSessions();
    sessions.set('a', kept(10));
    assert.equal(String(sessions.get('a', 9)?.session), 'it');
    assert.equal(sessions.get('a', 10), undefined);
    assert.equal(sessions.get('a', 9), undefined);
    sessions.set('b', kept(10));
    sessions.forget('b');
    assert.equal(sessions.get('b', 0), undefined);
  });

  it('forgets the one that was kept longest ago, beyond 2000', () => {
    const sessions = new TlsSessions();
    for (let count = 0; count < 2000; count++) sessions.set(String(count), kept(1));
    sessions.set('0', kept(1));
    sessions.set('one more', kept(1));
    assert.equal(sessions.get('1', 0), undefined);
    assert.notEqual(sessions.get('0', 0), undefined);
    assert.notEqual(sessions.get('2', 0), undefined);
  });
});
