// One port: who is held until it drains, what it keeps, and what of it is told when.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeStream } from '../../test/support/fake-stream.ts';
import { toBytes, toText } from '../../test/support/latin1.ts';
import { PumpPort } from './pump-port.ts';
import type { PortOwner } from './pump-port.ts';

function make(name: 'client' | 'server' = 'client'): {
  port: PumpPort;
  stream: FakeStream;
  said: string[];
  owner: PortOwner;
} {
  const said: string[] = [];
  const stream = new FakeStream({ isEager: false, highWaterMark: 4 });
  const owner: PortOwner = {
    portReceived: (_port, bytes) => said.push(`received ${toText(bytes)}`),
    portEnded: () => said.push('ended'),
    portDrained: () => said.push('drained'),
    portMoved: () => said.push('moved'),
    portClosed: () => said.push('closed'),
  };
  const port = new PumpPort(name, stream, owner);
  stream.listen(port);
  return { port, stream, said, owner };
}

describe('a port', () => {
  it('counts bytes and passes on what its stream says', () => {
    const { port, stream, said } = make();
    stream.says('abc').ends();
    port.send(toBytes('12345'), 'given', undefined);
    port.end();
    port.send(toBytes('late'), 'given', undefined);
    stream.take();
    stream.settle();
    assert.deepEqual(said, ['drained', 'received abc', 'ended', 'closed']);
    assert.deepEqual([port.receivedBytes, port.sentBytes], [3, 5]);
    port.end();
    assert.deepEqual(stream.calls, ['end']);
  });

  it('holds several feeders until it drains, each for its own reason', () => {
    const [one, other, target] = [make(), make(), make('server')];
    const second = new PumpPort('server#1', new FakeStream({ isEager: false, highWaterMark: 0 }), {
      portReceived: () => undefined,
      portEnded: () => undefined,
      portDrained: () => undefined,
      portMoved: () => undefined,
      portClosed: () => undefined,
    });
    for (const { port } of [one, other]) target.port.send(toBytes('12345'), 'given', port);
    second.send(toBytes('1'), 'given', one.port);
    assert.deepEqual(one.stream.holds, ['full:server', 'full:server#1']);
    target.stream.take();
    target.stream.settle();
    assert.deepEqual(one.stream.holds, ['full:server#1']);
    assert.deepEqual(other.stream.holds, []);
    second.leave();
    assert.deepEqual(one.stream.holds, []);
  });

  it('keeps copies of what is lent, and the rest of a delivery before what came since', () => {
    const { port, stream } = make();
    const lent = Buffer.from('lent'); // whose slice() is no copy
    port.keep(lent);
    lent.fill(0);
    port.keepFirst(toBytes('first'), 'lent');
    assert.deepEqual(stream.holds, ['pending']);
    assert.equal(toText(port.takePending() ?? ''), 'first');
    assert.deepEqual(stream.holds, ['pending']);
    assert.equal(toText(port.takePending() ?? ''), 'lent');
    assert.deepEqual(stream.holds, []);
    assert.equal(port.takePending(), undefined);
  });

  it('tells its engine of more behind bytes, where its stream does or more waits here', () => {
    const { port, stream } = make();
    const event = { type: 'received', from: 'client', bytes: toBytes('x') };
    assert.deepEqual(port.receivedEvent(toBytes('x')), event);
    stream.behind = 'unknown';
    assert.deepEqual(port.receivedEvent(toBytes('x')), { ...event, behind: 'unknown' });
    port.keep(toBytes('y'));
    assert.deepEqual(port.receivedEvent(toBytes('x')), { ...event, behind: 'more' });
  });

  it('gives nothing up while its engine holds it, unless a relay runs', () => {
    const { port, stream } = make();
    port.keepFirst(toBytes('x'), 'given');
    port.holdForEngine();
    assert.equal(port.takePending(), undefined);
    const target = make('server').port;
    port.startRelay({ to: 'server', target, remaining: 5, bytes: 0 });
    assert.deepEqual(stream.holds, ['pending']);
    assert.equal(toText(port.takePending() ?? ''), 'x');
    port.stopRelayTo(make().port);
    assert.equal(port.relay?.remaining, 5);
    port.stopRelayTo(target);
    assert.equal(port.relay, undefined);
    assert.deepEqual(stream.holds, ['engine']);
  });

  it('tells an end after what is kept, a loss before it', () => {
    const ended = make();
    ended.port.keepFirst(toBytes('last'), 'given');
    ended.port.ended();
    assert.equal(ended.port.isEndDue, false);
    ended.port.takePending();
    assert.equal(ended.port.isEndDue, true);
    assert.deepEqual(ended.port.takeEnd(), { type: 'ended', from: 'client' });
    assert.equal(ended.port.isEndDue, false);
    ended.port.closed('EPIPE');
    assert.equal(ended.port.isEndDue, true);

    const lost = make();
    lost.port.keepFirst(toBytes('last'), 'given');
    lost.port.closed('ECONNRESET');
    assert.equal(lost.port.isEndDue, true);
    assert.equal(lost.port.takePending(), undefined);
    assert.deepEqual(lost.port.takeEnd(), {
      type: 'ended',
      from: 'client',
      error: 'ECONNRESET',
    });
    assert.equal(lost.port.hasPending, false);
    assert.equal(lost.port.isEndTold, true);
  });

  it('asks nothing of a stream that is gone', () => {
    const { port, stream } = make();
    port.closed();
    port.send(toBytes('x'), 'given', undefined);
    port.holdForEngine();
    port.holdForWait();
    port.end();
    assert.deepEqual([stream.holds, stream.calls, port.sentBytes], [[], [], 0]);
  });

  it('that leaves is read on, and forgets what it kept', () => {
    const { port, stream } = make();
    port.keepFirst(toBytes('x'), 'given');
    port.holdForEngine();
    port.holdForWait();
    port.leave();
    assert.deepEqual(stream.holds, []);
    assert.deepEqual([port.hasPending, port.isLeaving], [false, true]);
  });

  it('that leaves takes a little more, and resets a peer that goes on sending', () => {
    const stream = new FakeStream();
    const port = new PumpPort('client', stream, make().owner, 4);
    port.leave();
    for (let count = 0; count < 4; count++) port.received(toBytes('x'));
    assert.deepEqual(stream.calls, []);
    port.received(toBytes('x'));
    assert.deepEqual(stream.calls, ['reset']);
  });
});
