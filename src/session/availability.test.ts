import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { at } from '../../test/support/policy-samples.ts';
import { watched, WatchWorld } from '../../test/support/watch-world.ts';
import { Availability } from './availability.ts';

const ONE = '192.0.2.1:80';
const TWO = '192.0.2.2:80';
const options = { intervalMs: 10, rise: 1, fall: 1 };

function start(world: WatchWorld, ...servers: readonly string[]): Availability {
  const availability = new Availability(world.outside, world.log);
  availability.watch(servers.map((server) => watched('web', server, options)));
  return availability;
}

describe('the availability of servers', () => {
  it('is good until checks say otherwise, and for whom nobody watches', () => {
    const world = new WatchWorld();
    const availability = start(world, ONE, TWO);
    assert.deepEqual(
      [availability.isUp('web', at(ONE)), availability.isUp('web', at(TWO))],
      [true, true],
    );
    world.answer((server) => server === ONE);
    assert.deepEqual(
      [availability.isUp('web', at(ONE)), availability.isUp('web', at(TWO))],
      [true, false],
    );
    assert.equal(availability.isUp('web', at('192.0.2.9:80')), true);
    assert.equal(availability.isUp('other', at(TWO)), true);
    availability.stop();
    assert.deepEqual([world.clock.armed, world.asked], [0, []]);
    assert.equal(availability.isUp('web', at(TWO)), false, 'what is known stays known');
  });

  it('is asked of the target that the router names, and checked where dnat leads', () => {
    const world = new WatchWorld();
    const availability = new Availability(world.outside, world.log);
    availability.watch([{ ...watched('web', ONE, options), server: at('10.0.0.1:80') }]);
    assert.deepEqual(world.asked, ['10.0.0.1:80']);
    world.answer(() => false);
    assert.equal(availability.isUp('web', at(ONE)), false);
    availability.stop();
  });

  it('is found by one check for all services that want the same', () => {
    const world = new WatchWorld();
    const availability = new Availability(world.outside, world.log);
    availability.watch([watched('a', ONE, options), watched('b', ONE, options)]);
    assert.deepEqual(world.asked, [ONE]);
    world.answer(() => false);
    assert.deepEqual(
      [availability.isUp('a', at(ONE)), availability.isUp('b', at(ONE))],
      [false, false],
    );
    assert.deepEqual(world.changes, ['down 192.0.2.1:80']);
    availability.watch([watched('a', ONE, options), watched('b', ONE, { ...options, fall: 2 })]);
    world.clock.advance(10);
    assert.deepEqual(world.asked, [ONE, ONE], 'another number of failures is another check');
    availability.stop();
  });

  it('survives a reload, whatever else changes', () => {
    const world = new WatchWorld();
    const availability = start(world, ONE, TWO);
    world.answer(() => false);
    assert.equal(world.clock.armed, 2);
    availability.watch([
      watched('web', ONE, options),
      watched('web', TWO, { ...options, rise: 2 }),
    ]);
    assert.deepEqual(world.asked, [TWO], 'the one that stays as it was goes on');
    assert.deepEqual(
      [availability.isUp('web', at(ONE)), availability.isUp('web', at(TWO))],
      [false, false],
    );
    const check = (): Promise<boolean> => new Promise(() => undefined);
    availability.watch([watched('web', ONE, { ...options, check })]);
    assert.equal(availability.isUp('web', at(ONE)), false);
    assert.deepEqual(world.asked, [], 'the one that is not wanted any more is given up');
    availability.watch([]);
    assert.equal(world.clock.armed, 0);
    assert.equal(availability.isUp('web', at(ONE)), true);
  });

  it('is found by so many checks at once and no more', () => {
    const world = new WatchWorld();
    const servers = Array.from({ length: 100 }, (_, index) => `10.0.0.${String(index)}:80`);
    const availability = start(world, ...servers);
    assert.equal(world.connects.size, 64);
    world.answer(() => true);
    assert.equal(world.connects.size, 36);
    availability.stop();
    assert.deepEqual([world.clock.armed, world.asked], [0, []]);
  });
});
