// TLS in the middle of a conversation: nothing that was said in plain text is heard as if it had been said inside.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeStream } from '../../test/support/fake-stream.ts';
import { SERVER_DOWN } from '../../test/support/playbook-events.ts';
import { act, connectedWorld, PumpWorld } from '../../test/support/pump-world.ts';
import { toBytes } from '../../test/support/latin1.ts';
import type { Answers } from '../../test/support/pump-world.ts';

const { close, relay, secure, send, wait } = act;

/** Puts TLS on the client when it says so, with a word before and one after. */
const SWITCHES: Answers = {
  received: ({ from, bytes }) =>
    from === 'client' && String.fromCharCode(...bytes) === 'STARTTLS'
      ? [send('client', 'go ahead'), secure('client')]
      : [],
  secured: [send('client', 'inside')],
  'secure-failed': ({ failure }) => [close(failure.reason, 'reset')],
};

function switched(): { world: PumpWorld; inside: FakeStream } {
  const { world } = connectedWorld(SWITCHES);
  world.client.says('STARTTLS');
  world.settle();
  const inside = world.stream();
  world.secures[0]?.done({ ok: true, stream: inside });
  return { world, inside };
}

describe('TLS in the middle of a conversation', () => {
  it('begins behind what was sent, and all that follows is inside', () => {
    const { world, inside } = switched();
    assert.equal(world.client.output, 'go ahead');
    assert.equal(world.secures[0]?.stream, world.client);
    assert.ok(world.client.leavesUnread); // its answer may have come already
    inside.says('over TLS');
    world.settle();
    assert.equal(inside.output, 'inside');
    assert.deepEqual(world.heard(), [
      'received from=client "STARTTLS"',
      'secured port=client',
      'received from=client "over TLS"',
    ]);
    world.pump.abort('accepted', 'over');
    world.settle();
    assert.deepEqual(world.finishings, [
      { fromClient: 16, toClient: 14, fromServer: 0, toServer: 0 },
    ]);
  });

  it('fails, with its connection, where more has come in plain text', () => {
    const { world } = connectedWorld(SWITCHES);
    world.client.says('STARTTLS').says('injected');
    world.settle();
    assert.deepEqual(world.secures, []);
    assert.deepEqual(world.closings, ['accepted tls.plain-text']);
    assert.ok(!world.heard().some((line) => line.includes('injected')));
    assert.ok(world.client.calls.includes('destroy'));
  });

  it('fails where more has come behind bytes that were relayed', () => {
    const world = new PumpWorld({
      ...SWITCHES,
      started: [act.connect()],
      connected: [relay('client', 'server', 5)],
      relayed: [secure('client')],
    }).start();
    world.connected();
    world.client.says('12345injected');
    world.settle();
    assert.deepEqual(world.closings, ['accepted tls.plain-text']);
    assert.ok(!world.heard().some((line) => line.includes('injected')));
  });

  it('fails where the client has ended', () => {
    const { world } = connectedWorld({ ...SWITCHES, ended: [secure('client')] });
    world.client.ends();
    world.settle();
    assert.deepEqual(world.closings, ['accepted tls.plain-text']);
  });

  it('begins once on a connection', () => {
    const { world, inside } = switched();
    inside.says('STARTTLS');
    world.settle();
    assert.equal(world.secures.length, 1);
    assert.deepEqual(world.closings, ['accepted tls.twice']);
  });

  it('that fails leaves no port', () => {
    const { world } = connectedWorld(SWITCHES);
    world.client.says('STARTTLS');
    world.settle();
    world.secures[0]?.done({ ok: false, failure: SERVER_DOWN });
    assert.deepEqual(world.closings, [`accepted ${SERVER_DOWN.reason}`]);
  });

  it('is given up with its session, and what comes of it later is closed', () => {
    const { world } = connectedWorld(SWITCHES);
    world.client.says('STARTTLS');
    world.settle();
    world.pump.abort('accepted', 'over');
    assert.equal(world.secures[0]?.isGivenUp, true);
    const late = new FakeStream();
    world.secures[0].done({ ok: true, stream: late });
    assert.deepEqual(late.calls, ['destroy']);
  });

  it('is waited for by bytes of nobody: a server that speaks meanwhile is heard', () => {
    const { world, server } = connectedWorld(SWITCHES);
    world.client.says('STARTTLS');
    server.says('meanwhile');
    world.settle();
    assert.ok(world.heard().includes('received from=server "meanwhile"'));
  });

  it('is held for a promise like any port', () => {
    const pending = new Promise(() => undefined);
    const { world } = connectedWorld({ ...SWITCHES, secured: [wait(pending)] });
    world.client.says('STARTTLS');
    world.settle();
    const inside = world.stream();
    world.secures[0]?.done({ ok: true, stream: inside });
    inside.says(toBytes('x'));
    world.settle();
    assert.deepEqual(inside.holds, ['waiting']);
  });
});
