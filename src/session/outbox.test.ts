// What an engine sends while it handles one event.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FakeStreamOptions } from '../../test/support/fake-stream.ts';
import { FakeStream } from '../../test/support/fake-stream.ts';
import { toBytes } from '../../test/support/latin1.ts';
import { NOBODY } from '../../test/support/port-owner.ts';
import { Outbox } from './outbox.ts';
import { PumpPort } from './pump-port.ts';

/** A port, and what is written to its stream. */
function portOf(
  name: 'client' | 'server',
  options: FakeStreamOptions = {},
): { port: PumpPort; writes: string[] } {
  const stream = new FakeStream(options);
  const writes: string[] = [];
  const write = stream.write.bind(stream);
  stream.write = (bytes, ownership) => {
    writes.push(`${Buffer.from(bytes).toString('latin1')} ${ownership}`);
    return write(bytes, ownership);
  };
  return { port: new PumpPort(name, stream, NOBODY), writes };
}

describe('an outbox', () => {
  it('joins what goes to one port', () => {
    const { port, writes } = portOf('client');
    const outbox = new Outbox();
    outbox.add(port, toBytes('head '), undefined, 'lent');
    outbox.add(port, toBytes('body'), undefined, 'lent');
    outbox.flush();
    outbox.flush();
    assert.deepEqual(writes, ['head body given']);
  });

  it('leaves it to a stream that gathers by itself, in the same order', () => {
    const { port, writes } = portOf('client', { gathers: true });
    const { port: other, writes: others } = portOf('server');
    const outbox = new Outbox();
    outbox.add(other, toBytes('first'), undefined, 'lent');
    outbox.add(port, toBytes('head '), undefined, 'lent');
    assert.deepEqual([others, writes], [['first lent'], ['head  lent']]);
    outbox.add(port, toBytes('body'), undefined, 'lent');
    outbox.flush();
    assert.deepEqual(writes, ['head  lent', 'body lent']);
  });

  it('joins no datagrams, and keeps empty ones', () => {
    const { port, writes } = portOf('client', { framing: 'datagrams' });
    const outbox = new Outbox();
    for (const datagram of ['one', '', 'two'])
      outbox.add(port, toBytes(datagram), undefined, 'lent');
    outbox.flush();
    assert.deepEqual(writes, ['one lent', ' lent', 'two lent']);
  });

  it('passes single bytes on as they are, with their owner', () => {
    const { port, writes } = portOf('client');
    const outbox = new Outbox();
    outbox.add(port, toBytes('x'), undefined, 'lent');
    outbox.flush();
    assert.deepEqual(writes, ['x lent']);
  });

  it('keeps the order among ports', () => {
    const client = portOf('client');
    const server = portOf('server');
    const outbox = new Outbox();
    outbox.add(client.port, toBytes('1'), undefined, 'given');
    outbox.add(server.port, toBytes('2'), undefined, 'given');
    assert.deepEqual([client.writes, server.writes], [['1 given'], []]);
    outbox.flush();
    assert.deepEqual(server.writes, ['2 given']);
  });

  it('does not copy much together', () => {
    const { port, writes } = portOf('client');
    const outbox = new Outbox();
    outbox.add(port, toBytes('head '), undefined, 'given');
    outbox.add(port, new Uint8Array(16_384), undefined, 'given');
    assert.deepEqual(writes, ['head  given']);
    outbox.flush();
    assert.equal(writes.length, 2);
  });

  it('drops what goes to no port, and what a failed pump sends, not what another does', () => {
    const { port, writes } = portOf('client');
    const outbox = new Outbox();
    outbox.add(undefined, toBytes('lost'), undefined, 'given');
    outbox.add(port, toBytes('dropped'), undefined, 'given');
    outbox.drop([portOf('server').port, port]);
    outbox.flush();
    assert.deepEqual(writes, []);
    outbox.add(port, toBytes('stays'), undefined, 'given');
    outbox.drop([portOf('client').port]);
    outbox.flush();
    assert.deepEqual(writes, ['stays given']);
  });

  it('knows whose the rest is when a write has made somebody else send', () => {
    const outer = portOf('client');
    const inner = portOf('server');
    const feeder = portOf('client').port;
    const outbox = new Outbox();
    const write = outer.port.stream.write.bind(outer.port.stream);
    outer.port.stream.write = (bytes, ownership) => {
      outbox.add(inner.port, toBytes('meanwhile'), undefined, 'given');
      outbox.flush();
      write(bytes, ownership);
      return false;
    };
    const large = new Uint8Array(16_384);
    for (const bytes of [large, large]) outbox.add(outer.port, bytes, feeder, 'lent');
    outbox.flush();
    assert.deepEqual(
      outer.writes.map((one) => one.slice(-4)),
      ['lent', 'lent'],
    );
    assert.deepEqual(inner.writes, ['meanwhile given', 'meanwhile given']);
    assert.equal(outer.port.holdsBack(feeder), true);
  });
});
