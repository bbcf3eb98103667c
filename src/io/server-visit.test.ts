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
