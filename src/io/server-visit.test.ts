import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { samplePeer } from '../../test/support/sample-peer.ts';
import { SocketAddress } from '../address/socket-address.ts';
import { ServerVisit } from './server-visit.ts';
import { TlsSessions } from './tls-sessions.ts';

const server = { address: SocketAddress.parse('192.0.2.1:443'), name: 'www.example' };
const peer = samplePeer();

describe('ServerVisit', () => {
  it('keeps what the server gives, for the next visit and once', () => {
    const clock = new ManualClock();
    const sessions = new TlsSessions();
    const visit = (): ServerVisit => new ServerVisit(server, clock, 1000);
    const first = visit();
    assert.deepEqual(first.begin(sessions), {});
    first.given(Buffer.from('early'));
    first.accepted(peer);
    first.given(Buffer.from('late'));
    assert.equal(first.resumed(false), undefined);
    const second = visit();
    assert.deepEqual(second.begin(sessions), { session: Buffer.from('late') });
    assert.deepEqual(second.resumed(true), { ok: true, peer });
    assert.equal(second.resumed(false), undefined);
    assert.deepEqual(visit().begin(sessions), { session: Buffer.from('early') }, 'each once');
    assert.deepEqual(visit().begin(sessions), {}, 'both were used');
  });

  it('keeps what came before the server was accepted, and nothing of one that never is', () => {
    const sessions = new TlsSessions();
    const clock = new ManualClock();
    const refused = new ServerVisit(server, clock, 1000);
    refused.begin(sessions);
    refused.given(Buffer.from('a'));
    assert.deepEqual(new ServerVisit(server, clock, 1000).begin(sessions), {});
    refused.accepted(undefined);
    const next = new ServerVisit(server, clock, 1000);
    assert.deepEqual(next.begin(sessions), { session: Buffer.from('a') });
    assert.deepEqual(next.resumed(true), { ok: true, peer: undefined });
  });

  it('does not keep the session again that it began with, where the server gives no other one', () => {
    const sessions = new TlsSessions();
    const visit = (): ServerVisit => new ServerVisit(server, new ManualClock(), 1000);
    const first = visit();
    first.begin(sessions);
    first.accepted(peer);
    first.given(Buffer.from('a'));
    const second = visit();
    second.begin(sessions);
    second.resumed(true);
    second.accepted(peer);
    second.given(Buffer.from('a'));
    assert.deepEqual(visit().begin(sessions), {});
    second.given(Buffer.from('b'));
    assert.deepEqual(visit().begin(sessions), { session: Buffer.from('b') });
  });

  it('keeps nothing longer for its being resumed: what the server showed is as old as before', () => {
    const sessions = new TlsSessions();
    const clock = new ManualClock();
    const visit = (): ServerVisit => new ServerVisit(server, clock, 1000);
    const first = visit();
    first.begin(sessions);
    first.accepted(peer);
    first.given(Buffer.from('a'));
    clock.advance(600);
    const second = visit();
    assert.deepEqual(second.begin(sessions), { session: Buffer.from('a') });
    assert.deepEqual(second.resumed(true), { ok: true, peer });
    second.accepted(peer);
    second.given(Buffer.from('b'));
    clock.advance(399);
    assert.deepEqual(visit().begin(sessions), { session: Buffer.from('b') });
    second.given(Buffer.from('c'));
    clock.advance(1);
    assert.deepEqual(visit().begin(sessions), {});
    const anew = visit();
    anew.begin(sessions);
    assert.equal(anew.resumed(false), undefined);
    anew.accepted(peer);
    anew.given(Buffer.from('d'));
    clock.advance(999);
    assert.deepEqual(visit().begin(sessions), { session: Buffer.from('d') });
  });

  it('keeps no session that is too large', () => {
    const sessions = new TlsSessions();
    const visit = new ServerVisit(server, new ManualClock(), 1000);
    visit.begin(sessions);
    visit.accepted(peer);
    visit.given(Buffer.alloc(16_384, 'a'));
    visit.given(Buffer.alloc(16_385));
    const { session } = new ServerVisit(server, new ManualClock(), 1000).begin(sessions);
    assert.equal(session?.length, 16_384);
  });

  it('keeps it for its lifetime, and for this server alone', () => {
    const sessions = new TlsSessions();
    const clock = new ManualClock();
    const visit = new ServerVisit(server, clock, 1000);
    visit.begin(sessions);
    visit.accepted(peer);
    visit.given(Buffer.from('a'));
    const other = new ServerVisit({ ...server, name: 'other.example' }, clock, 1000);
    assert.deepEqual(other.begin(sessions), {});
    clock.advance(1000);
    assert.deepEqual(new ServerVisit(server, clock, 1000).begin(sessions), {});
  });
});
