// The child of a pump: when its links are ports, and when its verdict is due.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { showEvent } from '../../test/support/show-action.ts';
import { CHILD, PumpWorld } from '../../test/support/pump-world.ts';
import { program } from '../policy/program.ts';
import type { Port } from '../proxy/engine.ts';
import { PumpChild } from './pump-child.ts';
import { PumpPort } from './pump-port.ts';
import { PumpPorts } from './pump-ports.ts';
import type { Stream } from './stream.ts';

/** A pump that notes what its child asks of it. */
class Owner {
  readonly host = new PumpWorld({});
  readonly ports = new PumpPorts();
  readonly posted: string[] = [];
  woken = 0;
  readonly child = new PumpChild(this.host, this.ports, {
    attach: (name, stream) => this.#attach(name, stream),
    post: (event) => this.posted.push(showEvent(event)),
    wake: () => this.woken++,
  });

  #attach(name: Port, stream: Stream): void {
    const port = new PumpPort(name, stream, {
      portReceived: () => undefined,
      portEnded: () => undefined,
      portDrained: () => undefined,
      portMoved: () => undefined,
      portClosed: () => undefined,
    });
    this.ports.add(port);
    stream.listen(port);
  }

  /** The engine is told of the end of a link. */
  tellEnd(name: Port): void {
    this.ports.get(name)?.takeEnd();
  }

  ended(index = -1, message?: string): void {
    this.host.stacks.at(index)?.ended('accepted', 'child', message);
  }
}

describe('the child of a pump', () => {
  it('has its links as ports once it runs', () => {
    const owner = new Owner();
    owner.child.start({ child: CHILD });
    assert.deepEqual(owner.posted, ['stacked']);
    assert.notEqual(owner.ports.get('stack-client'), undefined);
    assert.notEqual(owner.ports.get('stack-server'), undefined);
  });

  it('that is refused has none', () => {
    const owner = new Owner();
    owner.host.refusesStack = true;
    owner.child.start({ child: CHILD });
    assert.match(owner.posted.join(), /^stack-refused/);
    assert.equal(owner.ports.get('stack-client'), undefined);
    owner.child.abort();
  });

  it('is told that its policy is retired once it runs', () => {
    const owner = new Owner();
    owner.child.retire();
    owner.host.delaysStack = true;
    owner.child.start({ child: CHILD });
    owner.child.retire();
    const asked = owner.host.stacks[0] ?? assert.fail();
    asked.start();
    const before = asked.isRetired;
    owner.child.retire();
    assert.deepEqual([before, asked.isRetired], [false, true]);
  });

  it('tells its verdict once, after the ends of its links, and lets them go', () => {
    const owner = new Owner();
    owner.child.start({ child: CHILD });
    assert.equal(owner.child.takeVerdict(), undefined);
    owner.ended();
    assert.equal(owner.woken, 1);
    assert.equal(owner.child.takeVerdict(), undefined);
    owner.tellEnd('stack-client');
    assert.equal(owner.child.takeVerdict(), undefined);
    owner.tellEnd('stack-server');
    const verdict = owner.child.takeVerdict();
    assert.deepEqual(verdict, { type: 'stack-verdict', verdict: 'accepted', reason: 'child' });
    assert.equal(owner.child.takeVerdict(), undefined);
    assert.equal(owner.ports.get('stack-client'), undefined);
  });

  it('does not wait for the end of a link that the engine holds, and passes on what the child said', () => {
    const owner = new Owner();
    owner.child.start({ child: CHILD });
    owner.ports.get('stack-client')?.holdForEngine();
    owner.ports.get('stack-server')?.holdForEngine();
    owner.ended(-1, 'It is over');
    const verdict = owner.child.takeVerdict();
    assert.equal(verdict?.type === 'stack-verdict' ? verdict.message : '', 'It is over');
  });

  it('is cut off if a link is lost when it has ended: then nothing is waited for', () => {
    const owner = new Owner();
    owner.child.start({ child: CHILD });
    owner.ended();
    owner.ports.get('stack-server')?.closed('ECONNRESET');
    assert.deepEqual(owner.child.takeVerdict(), {
      type: 'stack-verdict',
      verdict: 'accepted',
      reason: 'child',
      how: 'reset',
    });
    assert.equal(owner.ports.get('stack-client'), undefined);
    assert.equal(owner.ports.get('stack-server'), undefined);
  });

  it('is heard out if it is a service, has lost only its server, and the client gets what it says', () => {
    const filter = program('filter', { command: ['/bin/cat'] });
    for (const [child, verdict] of [
      [filter, / how=reset$/],
      [CHILD, /^none$/],
    ] as const) {
      const owner = new Owner();
      owner.child.start({ child });
      const near = owner.ports.get('stack-client') ?? assert.fail();
      near.startRelay({ to: 'client', target: undefined, remaining: Infinity, bytes: 0 });
      owner.ended();
      owner.ports.get('stack-server')?.closed('ECONNRESET');
      const told = owner.child.takeVerdict();
      assert.match(told === undefined ? 'none' : showEvent(told), verdict);
      near.closed('ECONNRESET');
      const last = told ?? owner.child.takeVerdict() ?? assert.fail();
      assert.match(showEvent(last), / how=reset$/);
    }
  });

  it('says what it thinks of the contents, as long as it is the one', () => {
    const owner = new Owner();
    owner.child.start({ child: CHILD });
    owner.host.stacks[0]?.says('reject', 'no');
    owner.child.start({ child: CHILD });
    owner.host.stacks[0]?.says('reject', 'not heard');
    assert.deepEqual(owner.posted, [
      'stacked',
      'stack-content-verdict verdict={"word":"reject","description":"no"}',
      'stacked',
    ]);
  });

  it('may take its time to start, and may be given up meanwhile', () => {
    const owner = new Owner();
    owner.host.delaysStack = true;
    owner.child.start({ child: CHILD, hint: { format: 'file' } });
    const first = owner.host.stacks[0] ?? assert.fail();
    assert.deepEqual(first.hint, { format: 'file' });
    owner.child.start({ child: CHILD });
    assert.equal(first.isAborted, true);
    first.start();
    assert.deepEqual(first.client.calls, ['destroy']);
    assert.deepEqual(owner.posted, []);
    owner.host.stacks[1]?.start();
    assert.deepEqual(owner.posted, ['stacked']);
    owner.child.start({ child: CHILD });
    owner.child.abort();
    assert.deepEqual(
      owner.host.stacks.map(({ isAborted }) => isAborted),
      [true, true, true],
    );
  });

  it('is ended by the next one and by the end of its parent', () => {
    const owner = new Owner();
    owner.child.start({ child: CHILD });
    owner.child.start({ child: CHILD });
    assert.deepEqual(
      owner.host.stacks.map(({ isAborted }) => isAborted),
      [true, false],
    );
    owner.ended(0);
    owner.tellEnd('stack-client');
    owner.tellEnd('stack-server');
    assert.equal(owner.child.takeVerdict(), undefined);
    owner.child.abort();
    assert.equal(owner.host.stacks[1]?.isAborted, true);
  });
});
