// How a session ends, in every state, and that nothing of it is left.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { act, connectedWorld, Deferred, PumpWorld } from '../../test/support/pump-world.ts';
import type { Answers } from '../../test/support/pump-world.ts';

const { send, connect, disconnect, relay, hold, wait, timer, log, close, stack } = act;

describe('a close', () => {
  const bothSides: Answers = {
    connected: [send('client', 'to the client'), send('server', 'to the server'), close()],
  };

  it('delivers what was sent to slow readers, discards what comes, and then all is gone', () => {
    const { world, server } = connectedWorld(bothSides, { isEager: false, highWaterMark: 4 });
    assert.deepEqual(world.closings, ['accepted done']);
    world.client.says('discarded').ends();
    world.settle();
    assert.equal(world.finishings.length, 0);
    world.client.take();
    server.take();
    server.ends();
    world.settle();
    assert.equal(world.client.output, 'to the client');
    assert.equal(server.output, 'to the server');
    assert.deepEqual(world.leftovers(), []);
    assert.deepEqual(world.heard(), []);
    assert.equal(world.finishings[0]?.fromClient, 9);
  });

  it('destroys a stream that takes too long, which resets what it still has', () => {
    const { world, server } = connectedWorld(bothSides);
    server.ends();
    world.settle();
    world.clock.advance(9999);
    world.settle();
    assert.deepEqual(world.client.calls, ['end']);
    world.clock.advance(1);
    world.settle();
    assert.deepEqual(world.client.calls, ['end', 'destroy']);
    assert.deepEqual(world.leftovers(), []);
  });

  it('resets a peer that goes on sending', () => {
    const { world, server } = connectedWorld(bothSides);
    for (let count = 0; count < 4; count++) world.client.says(new Uint8Array(65_536));
    world.settle();
    assert.deepEqual(world.client.calls, ['end']);
    world.client.says('and more');
    server.ends();
    world.settle();
    assert.deepEqual(world.client.calls, ['end', 'reset']);
    assert.deepEqual(world.leftovers(), []);
  });

  it('with a reset drops all at once, and nobody sees an end', () => {
    const { world, server } = connectedWorld({
      connected: [send('client', 'x'), close('cut', 'reset')],
    });
    assert.deepEqual(world.client.calls, ['reset']);
    assert.deepEqual(server.calls, ['reset']);
    world.settle();
    assert.deepEqual(world.leftovers(), []);
  });

  it('is the last thing that an engine may ask for', () => {
    const world = new PumpWorld({
      started: [close(), connect(), timer('late', 1), log('late'), send('client', 'late'), close()],
    }).start();
    world.client.ends();
    world.settle();
    assert.equal(world.connects.length, 0);
    assert.equal(world.client.output, '');
    assert.deepEqual(world.leftovers(), []);
  });

  it('of a session whose last stream is gone finishes at once', () => {
    const world = new PumpWorld({ ended: [close()] }).start();
    world.client.breaks();
    world.settle();
    assert.deepEqual(world.leftovers(), []);
  });

  it('waits for the streams of dropped ports', () => {
    const { world, server } = connectedWorld({ connected: [disconnect(), close()] });
    world.client.ends();
    world.client.settle();
    assert.deepEqual(world.finishings, []);
    server.settle();
    assert.deepEqual(world.leftovers(), []);
  });

  it('counts a port that was gone but held bytes back', () => {
    const { world } = connectedWorld({
      connected: [hold('client'), relay('client', 'server', 1), timer('stop', 5)],
      elapsed: [close()],
    });
    world.client.says('ab');
    world.settle();
    world.client.destroy();
    world.settle();
    world.clock.advance(5);
    world.streams[1]?.ends();
    world.settle();
    assert.deepEqual(world.leftovers(), []);
    assert.equal(world.finishings[0]?.fromClient, 2);
  });
});

describe('an abort', () => {
  it('ends a session in every state, once', () => {
    const states: readonly [string, Answers][] = [
      ['connecting', { started: [connect()] }],
      ['waiting', { started: [wait(new Deferred())] }],
      ['stacking', { started: [stack()] }],
      ['lingering', { started: [close()] }],
      ['resetting', { started: [close('cut', 'reset')] }],
      ['holding', { started: [hold('client'), timer('idle', 5, 'idle')] }],
    ];
    for (const [name, answers] of states) {
      const world = new PumpWorld(answers).start();
      world.client.says('pending');
      world.settle();
      world.pump.abort('aborted-by-policy-action', 'reload');
      world.pump.abort('aborted-by-policy-action', 'again');
      world.settle();
      assert.deepEqual(world.leftovers(), [], name);
      const expected = name.endsWith('ing') && /linger|reset/.test(name) ? /accepted/ : /reload/;
      assert.match(world.closings.join(), expected);
      world.pump.abort('accepted', 'after the end');
      assert.equal(world.finishings.length, 1);
    }
  });
});

describe('a bug', () => {
  it('of an engine ends its session and nothing else', () => {
    const world = new PumpWorld({
      received: () => {
        throw new Error('bug');
      },
    }).start();
    world.client.says('x');
    world.settle();
    assert.deepEqual(world.closings, ['denied-by-unknown-fail session.internal-error']);
    assert.deepEqual(world.logged, ['error session.internal-error']);
    assert.deepEqual(world.client.calls, ['reset']);
    assert.deepEqual(world.leftovers(), []);
  });

  it('of what carries an action out, or relays, does the same', () => {
    const sending = new PumpWorld({ started: [send('client', 'x')] });
    sending.client.writeError = new Error('EBADF');
    sending.start().settle();
    assert.deepEqual(sending.closings, ['denied-by-unknown-fail session.internal-error']);
    assert.deepEqual(sending.leftovers(), []);
    const { world, server } = connectedWorld({ connected: [relay('client', 'server')] });
    server.writeError = new Error('EBADF');
    world.client.says('x');
    world.settle();
    assert.deepEqual(world.closings, ['denied-by-unknown-fail session.internal-error']);
    assert.deepEqual(world.leftovers(), []);
  });

  it('of any value is told', () => {
    const world = new PumpWorld({
      started: () => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- whatever a proxy throws
        throw 'text';
      },
    }).start();
    world.settle();
    assert.deepEqual(world.leftovers(), []);
  });
});
