import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TlsSessions } from './tls-sessions.ts';

function kept(usableUntil: number, text = 'it'): Parameters<TlsSessions['add']>[1] {
  return { session: Buffer.from(text), peer: undefined, usableUntil };
}

function takeAll(sessions: TlsSessions, key: string, now = 0): readonly string[] {
  const taken: string[] = [];
  for (let one = sessions.take(key, now); one !== undefined; one = sessions.take(key, now))
    taken.push(String(one.session));
  return taken;
}

describe('TlsSessions', () => {
  it('gives each session once, the latest first, as long as it may be used', () => {
    const sessions = new TlsSessions();
    sessions.add('a', kept(10, 'first'));
    sessions.add('a', kept(11, 'second'));
    assert.equal(String(sessions.take('a', 9)?.session), 'second');
    assert.equal(sessions.take('b', 9), undefined);
    sessions.add('a', kept(12, 'third'));
    assert.deepEqual(takeAll(sessions, 'a', 9), ['third', 'first']);
    sessions.add('a', kept(10));
    sessions.add('a', kept(11));
    assert.equal(sessions.take('a', 11), undefined);
    assert.equal(sessions.take('a', 0), undefined, 'it was forgotten with those before it');
  });

  it('keeps 16 of a server', () => {
    const sessions = new TlsSessions();
    for (let count = 1; count <= 20; count++) sessions.add('a', kept(1, String(count)));
    const latest = Array.from({ length: 16 }, (_, index) => String(20 - index));
    assert.deepEqual(takeAll(sessions, 'a'), latest);
  });

  it('forgets those of the server that gave none for the longest time, beyond 2000', () => {
    const sessions = new TlsSessions();
    for (let count = 0; count < 1000; count++) {
      sessions.add(String(count), kept(1));
      sessions.add(String(count), kept(1));
    }
    sessions.add('0', kept(1));
    assert.equal(sessions.take('1', 0), undefined);
    assert.equal(takeAll(sessions, '0').length, 3);
    assert.equal(takeAll(sessions, '2').length, 2);
    for (let count = 0; count < 5; count++) sessions.add(`more ${count}`, kept(1));
    assert.equal(takeAll(sessions, '3').length, 2, 'what was taken makes room');
  });
});
