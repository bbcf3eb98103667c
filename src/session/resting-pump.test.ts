// What is left of a pump, and when nothing is: the law that nobody can tell is in test/laws/sessions-at-rest.test.ts.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeStream } from '../../test/support/fake-stream.ts';
import { act, connectedWorld, PumpWorld } from '../../test/support/pump-world.ts';
import type { ProxyAction, ProxyEngine, ProxyEvent } from '../proxy/engine.ts';
import { showEvent } from '../../test/support/show-action.ts';
import { Pump } from './pump.ts';
import { RestingPump } from './resting-pump.ts';
import type { RestOwner } from './resting-pump.ts';

/** An engine that may always rest. */
class Sleepy implements ProxyEngine {
  readonly heard: string[] = [];
  readonly #handle: (event: ProxyEvent) => readonly ProxyAction[];

  constructor(handle: (event: ProxyEvent) => readonly ProxyAction[]) {
    this.#handle = handle;
  }

  handle(event: ProxyEvent): ProxyAction[] {
    this.heard.push(showEvent(event));
    return [...this.#handle(event)];
  }

  rest(): { wake: () => ProxyEngine } {
    return { wake: () => this };
  }
}

class Scene implements RestOwner {
  readonly world = new PumpWorld({});
  readonly alarms = this.world.alarms;
  readonly engine: Sleepy;
  pump: Pump;
  woken = 0;

  constructor(handle: (event: ProxyEvent) => readonly ProxyAction[] = () => []) {
    this.engine = new Sleepy(handle);
    this.pump = new Pump(this.engine, this.world);
    this.pump.start(this.world.client);
  }

  wake(resting: RestingPump): void {
    this.woken++;
    this.pump = new Pump(resting.engine.wake(), this.world);
    this.pump.goOn(resting);
  }

  rest(): RestingPump | undefined {
    return this.pump.rest(this);
  }
}

describe('a pump at rest', () => {
  it('keeps the bytes of its ports, past ones too', () => {
    const scene = new Scene(({ type }) =>
      type === 'received' ? [act.send('client', 'four')] : [],
    );
    const { client } = scene.world;
    client.says('abc').settle();
    assert.ok(scene.rest() instanceof RestingPump);
    client.says('de').settle();
    const resting = scene.rest();
    assert.equal(resting?.fromClient, 5);
    assert.equal(resting.toClient, 8);
    assert.equal(scene.woken, 1);
  });

  it('is woken by its timer, which is due then', () => {
    const scene = new Scene(({ type }) => (type === 'started' ? [act.timer('a', 40)] : []));
    assert.ok(scene.rest() !== undefined);
    scene.world.clock.advance(39);
    assert.equal(scene.woken, 0);
    scene.world.clock.advance(1);
    assert.match(scene.engine.heard.slice(1).join(), /^elapsed timer=a [^,]*,[^ ]*$/);
    scene.world.clock.advance(1);
    assert.equal(scene.engine.heard.length, 2);
    assert.equal(scene.world.clock.armed, 0);
  });

  it('keeps a server that waits, and wakes for it', () => {
    const scene = new Scene(({ type }) => (type === 'started' ? [act.connect()] : []));
    assert.equal(scene.rest(), undefined, 'it is connecting');
    const server = scene.world.connected();
    assert.ok(scene.rest() !== undefined);
    assert.ok(server.isAtRest && scene.world.client.isAtRest);
    server.ends().settle();
    assert.equal(scene.engine.heard.at(-1), 'ended from=server');
    assert.equal(scene.woken, 1);
  });

  it('is not there while anything is under way', () => {
    const busy: readonly (readonly ProxyAction[])[] = [
      [act.hold('client')],
      [act.relay('client', 'client')],
      [act.wait(new Promise(() => undefined))],
      [act.timer('a', 1), act.timer('b', 1)],
      [act.timer('a', 1, 'idle')],
      [act.stack()],
      [act.expect()],
      [act.claim()],
      [act.end('client')],
      [act.close()],
    ];
    for (const actions of busy) {
      const scene = new Scene(({ type }) => (type === 'started' ? actions : []));
      assert.equal(scene.rest(), undefined, actions.map(({ type }) => type).join());
      assert.equal(scene.world.client.isAtRest, false);
    }
  });

  it('leaves its server awake where its client is not quiet', () => {
    const scene = new Scene(({ type }) => (type === 'started' ? [act.connect()] : []));
    const server = scene.world.connected();
    scene.world.client.says('x');
    assert.equal(scene.rest(), undefined);
    assert.equal(server.isAtRest, false);
    server.says('y').settle();
    scene.world.client.settle();
    assert.deepEqual(scene.engine.heard.slice(-2), [
      'received from=server "y"',
      'received from=client "x"',
    ]);
  });

  it('is never asked for where the engine cannot rest', () => {
    const { world } = connectedWorld({});
    const owner = { alarms: world.alarms, wake: () => undefined };
    assert.equal(world.pump.rest(owner), undefined);
    assert.ok(world.client instanceof FakeStream && !world.client.isAtRest);
  });
});
