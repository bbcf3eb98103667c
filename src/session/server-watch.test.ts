import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { watched, WatchWorld } from '../../test/support/watch-world.ts';
import type { SocketAddress } from '../address/socket-address.ts';
import { availabilityChainer } from '../policy/chainer-availability.ts';
import { CheckSlots } from './check-slots.ts';
import { ServerWatch } from './server-watch.ts';

const SERVER = '192.0.2.1:80';

describe('the watch over a server', () => {
  it('checks at once, and then by the interval, never two at a time', () => {
    const world = new WatchWorld();
    const watch = new ServerWatch(world, watched('web', SERVER, { intervalMs: 10 }));
    watch.start();
    assert.deepEqual(world.asked, [SERVER]);
    world.clock.advance(4);
    world.answer(() => true);
    world.clock.advance(5);
    assert.deepEqual(world.asked, []);
    world.clock.advance(1);
    assert.deepEqual(world.asked, [SERVER]);
    world.clock.advance(25); // a check that takes longer than the interval
    assert.deepEqual(world.asked, [SERVER]);
    world.answer(() => true);
    world.clock.advance(0);
    assert.deepEqual(world.asked, [SERVER]);
    watch.stop();
  });

  it('says when a server goes down and comes up, once each, and why', () => {
    const world = new WatchWorld();
    const watch = new ServerWatch(
      world,
      watched('web', SERVER, { intervalMs: 10, rise: 2, fall: 2 }),
    );
    assert.equal(watch.isUp, true);
    watch.start();
    const seen: boolean[] = [];
    for (const succeeds of [false, false, false, true, true, true]) {
      world.answer(() => succeeds);
      seen.push(watch.isUp);
      world.clock.advance(10);
    }
    assert.deepEqual(seen, [true, false, false, false, true, true]);
    assert.deepEqual(
      world.log.lines.map(({ level, code, fields }) => [level, code, fields]),
      [
        ['error', 'chainer.server-down', { server: SERVER, service: 'web', error: 'ECONNREFUSED' }],
        ['info', 'chainer.server-up', { server: SERVER, service: 'web' }],
      ],
    );
    watch.stop();
  });

  it('that is stopped leaves nothing behind: no timer, no connect, no place', () => {
    const world = new WatchWorld();
    const slots = new CheckSlots(1);
    const surroundings = { outside: world.outside, log: world.log, slots };
    const [one, two] = [SERVER, '192.0.2.2:80'].map(
      (server) => new ServerWatch(surroundings, watched('web', server)),
    );
    one?.start();
    two?.start();
    assert.deepEqual(world.asked, [SERVER], 'the other one waits for a place');
    one?.stop();
    assert.deepEqual(world.asked, ['192.0.2.2:80']);
    world.answer(() => true);
    assert.equal(world.clock.armed, 1);
    two?.stop();
    two?.stop();
    assert.deepEqual([world.clock.armed, world.asked], [0, []]);
    world.clock.advance(10_000);
    assert.deepEqual(world.asked, []);
  });

  it('knows by itself what other watches are of use to it', () => {
    const world = new WatchWorld();
    const options = { intervalMs: 10 };
    const watch = new ServerWatch(world, watched('web', SERVER, options));
    assert.equal(watch.serves(watched('other', SERVER, options)), true);
    assert.equal(watch.serves(watched('web', '192.0.2.2:80', options)), false);
    assert.equal(watch.serves(watched('web', SERVER, { ...options, fall: 9 })), false);
    assert.equal(watch.serves(watched('web', SERVER, { ...options, check: () => true })), false);
    assert.equal(watch.knows(watched('other', SERVER, { fall: 9 })), true);
    assert.equal(watch.knows(watched('web', SERVER, { check: () => true })), true);
    assert.equal(watch.knows(watched('other', SERVER, { check: () => true })), false);
    assert.equal(watch.knows(watched('web', '192.0.2.1:81')), false);
  });

  it('checks by the function of the policy where it has one', () => {
    const world = new WatchWorld();
    const asked: string[] = [];
    const check = (server: SocketAddress): boolean => asked.push(String(server)) > 0;
    const made = watched('web', SERVER);
    const watch = new ServerWatch(world, { ...made, chainer: availabilityChainer({ check }) });
    watch.start();
    assert.deepEqual([asked, world.asked], [[SERVER], []]);
    watch.stop();
  });
});
