// The laws of expected and claimed connections, for any order of things: nobody but the peer gets in, and nothing is left.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { act } from '../../test/support/pump-world.ts';
import { proxyOf, revisionOf, serviceOf, SessionWorld } from '../../test/support/session-world.ts';
import type { OutsidePort, SessionHandler } from '../../test/support/session-world.ts';
import { SocketAddress } from '../address/socket-address.ts';
import type { Channel, ProxyAction } from '../proxy/engine.ts';

const DOOR = SocketAddress.parse('192.0.2.254:8080');
const CLIENTS = ['10.0.0.1:1', '10.0.0.2:1', '10.0.0.1:2', '198.51.100.1:20'].map((text) =>
  SocketAddress.parse(text),
);
const CHANNELS: readonly Channel[] = ['client#1', 'client#2', 'server#1'];

/** Sessions that ask for anything, by a list of numbers, and what they must never be told. */
class Chance {
  readonly #numbers: readonly number[];
  #next = 0;

  constructor(numbers: readonly number[]) {
    this.#numbers = numbers;
  }

  choose(count: number): number {
    return (this.#numbers[this.#next++] ?? 0) % count;
  }

  readonly handle: SessionHandler = (event, { session }) => {
    if (event.type === 'accepted') {
      const isServer = event.port.startsWith('server');
      const peer = isServer ? session.serverAddress : session.clientAddress;
      assert.ok(peer?.address.equals(event.address.address), `${String(event.address)} got in`);
    }
    return this.#next < this.#numbers.length ? [this.#action(), this.#action()] : [];
  };

  #action(): ProxyAction {
    const port = CHANNELS[this.choose(CHANNELS.length)] ?? 'client#1';
    const actions: readonly (() => ProxyAction)[] = [
      () => act.expect(port, { timeoutMs: this.choose(20) }),
      () => act.expect(port, { at: DOOR, timeoutMs: this.choose(20) }),
      () => act.claim(this.choose(3)),
      () => act.disconnect(port),
      () => act.connect(),
      () => act.end(port),
      () => act.relay(port, 'client'),
      () => (this.choose(5) === 0 ? act.close() : act.log('chance')),
    ];
    return actions[this.choose(actions.length)]?.() ?? act.log('nothing');
  }
}

/** What can happen next; the number says to whom and where. */
const HAPPENINGS: readonly ((world: SessionWorld, number: number) => unknown)[] = [
  (world, number) => world.accept(pick(CLIENTS, number)),
  (world, number) => world.accept(pick(CLIENTS, number)),
  (world, number) => open(world, number).map((port) => world.opens(port)),
  (world, number) =>
    open(world, number).map(
      (port) => port.address && world.reaches(port, pick(CLIENTS, number >> 2)),
    ),
  (world, number) =>
    open(world, number).map((port) => {
      if (port.address === undefined) port.watcher.failed('EADDRINUSE');
    }),
  (world, number) => {
    world.clock.advance(number % 7);
  },
  (world) => {
    if (world.connects.at(-1)?.isGivenUp === false) world.connected();
    world.connects.pop();
  },
  (world, number) => pick(world.streams, number)?.says('x').ends(),
  (world, number) => pick(world.streams, number)?.breaks(),
];

function pick<Item>(items: readonly Item[], number: number): Item | undefined {
  return items[number % Math.max(items.length, 1)];
}

/** One of the ports that are asked for, if it is not closed. */
function open(world: SessionWorld, number: number): OutsidePort[] {
  const port = pick(world.ports, number);
  return port?.isClosed === false ? [port] : [];
}

describe('expected and claimed connections', () => {
  it('let nobody in but their peer, and leave nothing', async () => {
    const numbers = fc.array(fc.nat(999), { maxLength: 80 });
    const property = fc.asyncProperty(numbers, numbers, async (choices, steps) => {
      const chance = new Chance(choices);
      const proxy = proxyOf(chance.handle);
      const world = new SessionWorld(revisionOf(serviceOf('ftp', { proxy })));
      world.accept(CLIENTS[0]);
      for (const [index, number] of steps.entries()) {
        pick(HAPPENINGS, number)?.(world, number >> 4);
        if (index % 3 === 0) await world.settle();
      }
      world.abortAll();
      await world.settle();
      world.clock.advance(60_000);
      await world.settle();
      assert.deepEqual(world.leftovers(), []);
      assert.deepEqual(
        world.log.codes.filter((code) => code.includes('internal-error')),
        [],
      );
    });
    await fc.assert(property, { numRuns: 400 });
  });
});
