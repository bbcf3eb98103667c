// An engine that asks for anything at any time, and peers that do anything: for what must hold even then.
import type { Channel, Port, ProxyAction } from '../../src/proxy/engine.ts';
import type { FakeStream } from './fake-stream.ts';
import { NOBODY_CAME } from './playbook-events.ts';
import { act, Deferred, SERVER_ADDRESS } from './pump-world.ts';
import type { PumpWorld } from './pump-world.ts';

const CHANNELS: readonly Channel[] = ['client#1', 'client#2', 'server#1'];
const PORTS: readonly Port[] = ['client', 'server', 'stack-client', 'stack-server', ...CHANNELS];

/** The engine: a list of numbers says what it asks for. */
export class ChanceEngine {
  readonly #choices: readonly number[];
  readonly #waits: Deferred[] = [];
  #next = 0;

  readonly #actions: readonly (() => ProxyAction)[] = [
    () => act.send(this.#port(), 'x'.repeat(this.#choose(20))),
    () => act.end(this.#port()),
    () => act.connect(this.#port()),
    () => act.expect(CHANNELS[this.#choose(CHANNELS.length)]),
    () => act.claim(this.#choose(3)),
    () => act.disconnect(this.#port()),
    () => act.relay(this.#port(), this.#port(), this.#choose(7)),
    () => act.hold(this.#port()),
    () => act.release(this.#port()),
    () => this.#wait(),
    () => act.stack(),
    () => act.timer('t', this.#choose(9), this.#choose(2) === 0 ? 'idle' : 'total'),
    () => (this.#choose(9) === 0 ? act.close('chance') : act.timer('t')),
    () => act.log('chance'),
    () => act.contentVerdict(this.#choose(2) === 0 ? 'accept' : 'reject'),
    () => ({ type: 'content-hint', length: this.#choose(7) }),
  ];

  constructor(choices: readonly number[]) {
    this.#choices = choices;
  }

  readonly handle = (): ProxyAction[] =>
    this.#next < this.#choices.length ? [this.#action(), this.#action()] : [];

  /** Lets the world around it do what a number says. */
  disturb(world: PumpWorld, number: number): void {
    const stream = world.streams[number % world.streams.length] ?? world.client;
    for (const [every, happen] of DISTURBANCES)
      if (number % every === 0) happen(world, stream, number);
    if (number % 8 === 0) this.#waits.shift()?.reject(new Error('no'));
    stream.step();
  }

  #wait(): ProxyAction {
    const deferred = new Deferred();
    this.#waits.push(deferred);
    return act.wait(deferred);
  }

  #action(): ProxyAction {
    return this.#actions[this.#choose(this.#actions.length)]?.() ?? act.log('nothing');
  }

  #port(): Port {
    return PORTS[this.#choose(PORTS.length)] ?? 'client';
  }

  #choose(count: number): number {
    return (this.#choices[this.#next++] ?? 0) % count;
  }
}

const DISTURBANCES: readonly [
  every: number,
  happen: (world: PumpWorld, stream: FakeStream, number: number) => unknown,
][] = [
  [5, (_world, stream) => stream.says('said')],
  [7, (_world, stream) => stream.ends()],
  [31, (_world, stream) => stream.breaks()],
  [6, (_world, stream, number) => stream.take(number % 11)],
  [4, (world) => world.connects.length > 0 && world.connected()],
  [3, (world) => world.claimed()],
  [11, (world) => world.expects.length > 0 && world.met()],
  [10, (world, _stream, number) => world.expects.at(number % 7)?.watcher.listening(SERVER_ADDRESS)],
  [17, (world) => world.expects.at(-1)?.watcher.failed(NOBODY_CAME)],
  [
    9,
    (world, _stream, number) => {
      world.clock.advance(number % 5);
    },
  ],
  [
    13,
    (world, _stream, number) =>
      world.stacks.at(number % world.stacks.length)?.ended('accepted', 'child'),
  ],
  [
    11,
    (world, _stream, number) =>
      world.stacks.at(number % world.stacks.length)?.says('reject', 'chance'),
  ],
];
