import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { at } from '../../test/support/policy-samples.ts';

import { WatchWorld } from '../../test/support/watch-world.ts';
import type { AvailabilityCheck } from '../policy/chainer.ts';
import { FunctionCheck, TcpCheck } from './server-check.ts';

const server = at('192.0.2.1:80');

describe('a TCP check', () => {
  it('finds a server up that accepts, and lets go of the connection', () => {
    const world = new WatchWorld();
    const results: unknown[] = [];
    new TcpCheck(world.outside, { server }, 5).run((failure) => results.push(failure));
    const [connect] = world.connects;
    assert.deepEqual(
      [String(connect?.request.remote), connect?.request.timeoutMs, connect?.request.local],
      ['192.0.2.1:80', 5, undefined],
    );
    const [stream] = world.answer(() => true);
    assert.deepEqual([results, stream?.calls], [[undefined], ['destroy']]);
  });

  it('marks its packets as those of the service are', () => {
    const world = new WatchWorld();
    new TcpCheck(world.outside, { server, mark: 7, tos: 16 }, 5).run(() => undefined);
    const [request] = [...world.connects].map((connect) => connect.request);
    assert.deepEqual([request?.mark, request?.tos], [7, 16]);
  });

  it('says why a server is down, and gives up when it is told', () => {
    const world = new WatchWorld();
    const results: unknown[] = [];
    const check = new TcpCheck(world.outside, { server }, 5);
    check.run((failure) => results.push(failure));
    world.answer(() => false);
    assert.deepEqual(results, ['ECONNREFUSED']);
    check.run(() => assert.fail('given up'))();
    assert.deepEqual(world.asked, []);
  });
});

describe('a check by a function', () => {
  async function ask(check: AvailabilityCheck): Promise<unknown[]> {
    const world = new WatchWorld();
    const results: unknown[] = [];
    new FunctionCheck(world.outside, server, check, 5).run((failure) => results.push(failure));
    assert.deepEqual(results, [], 'nobody is called back before it has returned');
    await turn();
    assert.equal(world.clock.armed, 0);
    return results;
  }

  it('is asked about the server, and only true is a yes, at once or later', async () => {
    assert.deepEqual(await ask((asked) => asked.equals(server)), [undefined]);
    assert.deepEqual(await ask(() => Promise.resolve(true)), [undefined]);
    for (const no of [false, Promise.resolve(false), 'yes', 1, undefined])
      assert.deepEqual(await ask(() => no as boolean), ['the check says so']);
  });

  it('that throws or rejects says no', async () => {
    const broken = (): never => {
      throw new Error('no such host');
    };
    assert.deepEqual(await ask(broken), ['the check threw no such host']);
    // What is no Error can be thrown, too.
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- that is the case that is tested
    assert.deepEqual(await ask(() => Promise.reject('gone')), ['the check threw gone']);
  });

  it('that throws what cannot be shown says no at once', async () => {
    const oddities: unknown[] = [
      Object.create(null),
      { toString: () => assert.fail() },
      Object.defineProperty(new Error(), 'message', { get: () => assert.fail() }),
    ];
    for (const oddity of oddities) {
      const throwIt = (): never => {
        throw oddity;
      };
      assert.deepEqual(await ask(throwIt), ['the check threw something that cannot be shown']);
    }
  });

  it('that takes too long says no, and is not asked again before it has answered', async () => {
    const world = new WatchWorld();
    const calls: ((up: boolean) => void)[] = [];
    const check = new FunctionCheck(
      world.outside,
      server,
      () => new Promise((resolve) => calls.push(resolve)),
      5,
    );
    const results: unknown[] = [];
    for (let count = 0; count < 3; count++) {
      check.run((failure) => results.push(failure));
      await turn();
      world.clock.advance(5);
    }
    assert.deepEqual(results, Array(3).fill('the check took too long'));
    assert.equal(calls.length, 1);
    calls[0]?.(true);
    await turn();
    assert.equal(results.length, 3, 'too late is no answer');
    check.run((failure) => results.push(failure));
    assert.equal(calls.length, 2);
    calls[1]?.(true);
    await turn();
    assert.equal(results.at(-1), undefined);
  });

  it('that is given up says nothing', async () => {
    const world = new WatchWorld();
    new FunctionCheck(world.outside, server, () => true, 5).run(() => assert.fail('given up'))();
    await turn();
    assert.equal(world.clock.armed, 0);
  });
});
