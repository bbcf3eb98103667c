import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toBytes, toText } from '../../test/support/latin1.ts';
import { PlayedPeer } from './played-peer.ts';

function connected(): PlayedPeer {
  const peer = new PlayedPeer('client', () => undefined);
  peer.connect();
  return peer;
}

/** What comes of a peer until nothing more does, in short. */
function nextOf(peer: PlayedPeer): string[] {
  const seen: string[] = [];
  for (let event = peer.next(); event !== undefined; event = peer.next())
    if (event.type === 'relayed') seen.push(`relayed ${event.bytes} ${String(event.complete)}`);
    else seen.push('bytes' in event ? `${event.type} ${toText(event.bytes)}` : event.type);
  return seen;
}

describe('a played peer', () => {
  it('says what it has to say when it is there and nobody holds it', () => {
    const peer = new PlayedPeer('server', () => undefined);
    peer.say('a');
    peer.say(toBytes('b'));
    peer.end();
    peer.end();
    assert.deepEqual(nextOf(peer), []);
    peer.connect();
    peer.hold('hold');
    assert.deepEqual(nextOf(peer), []);
    peer.hold('release');
    assert.deepEqual(nextOf(peer), ['received ab', 'ended']);
  });

  it('passes by the engine what is relayed', () => {
    const peer = connected();
    peer.hold('hold');
    peer.say('abcde');
    peer.relay('server', 3);
    assert.deepEqual(nextOf(peer), ['passed abc', 'relayed 3 true']);
    peer.relay('server', 4);
    assert.deepEqual(nextOf(peer), ['passed de']);
    peer.hold('release');
    peer.end();
    assert.deepEqual(nextOf(peer), ['relayed 2 false', 'ended']);
    peer.relay('server', 0);
    assert.deepEqual(nextOf(peer), ['relayed 0 true']);
  });

  it('hears, and forgets what it was asked for', () => {
    const peer = connected();
    peer.hear(toBytes('a'));
    peer.hear(toBytes('\xc3\xa9'));
    assert.equal(peer.heard(), 'aé');
    assert.equal(peer.heard(), '');
    assert.equal(peer.heardEnd(), false);
    peer.hearEnd();
    assert.equal(peer.heardEnd(), true);
  });

  it('is silent when it was dropped', () => {
    const peer = connected();
    peer.relay('server', 5);
    peer.say('abc');
    peer.disconnect();
    assert.deepEqual(nextOf(peer), []);
  });
});
