import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { IpAddress } from '../address/ip-address.ts';
import { playedSession } from './played-session.ts';
import { attribute } from './proxy-session.ts';

describe('playedSession()', () => {
  it('makes up facts that can be replaced', () => {
    const session = playedSession({ clientZone: undefined });
    assert.equal(session.clientZone, undefined);
    assert.equal(playedSession().clientZone?.name, 'clients');
    assert.equal(session.zoneOf(IpAddress.parse('192.0.2.1')), undefined);
  });

  it('keeps attributes for one session', () => {
    const mood = attribute<string>('mood');
    const session = playedSession();
    session.set(mood, 'good');
    assert.equal(session.get(mood), 'good');
    assert.equal(playedSession().get(mood), undefined);
  });
});
