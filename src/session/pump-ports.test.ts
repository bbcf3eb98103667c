// The set of ports: what leaves, what is forgotten, and that bytes count on.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeStream } from '../../test/support/fake-stream.ts';
import { toBytes } from '../../test/support/latin1.ts';
import { NOBODY } from '../../test/support/port-owner.ts';
import type { Port } from '../proxy/engine.ts';
import { PumpPort } from './pump-port.ts';
import { PumpPorts } from './pump-ports.ts';
import type { StreamListener } from './stream.ts';

function add(ports: PumpPorts, name: Port): PumpPort {
  const port = new PumpPort(name, new FakeStream(), NOBODY);
  ports.add(port);
  port.received(toBytes('abc'));
  port.send(toBytes('1'), 'given', undefined);
  return port;
}

function callsOf({ stream }: PumpPort): readonly string[] {
  assert.ok(stream instanceof FakeStream);
  return stream.calls;
}

describe('the ports of a pump', () => {
  it('count the bytes of all, gone or not; links to a child do not count', () => {
    const ports = new PumpPorts();
    const names = ['client', 'server', 'server#1', 'stack-client', 'stack-server'] as const;
    const all = names.map((name) => add(ports, name));
    const expected = { fromClient: 3, toClient: 1, fromServer: 6, toServer: 2 };
    assert.deepEqual(ports.count(), expected);
    for (const port of all) {
      ports.disconnect(port);
      assert.deepEqual(ports.count(), expected);
      ports.forget(port);
      ports.forget(port);
      assert.deepEqual(ports.count(), expected);
    }
    assert.equal(ports.isEmpty, true);
  });

  it('let a port of the same name in while the old one leaves', () => {
    const ports = new PumpPorts();
    const old = add(ports, 'server');
    ports.disconnect(old);
    assert.equal(ports.get('server'), undefined);
    const next = add(ports, 'server');
    ports.forget(old);
    assert.equal(ports.get('server'), next);
    assert.deepEqual([...ports.values()], [next]);
    assert.equal(ports.isEmpty, false);
  });

  it('forget at once a port whose stream is gone already, and end the relays to it', () => {
    const ports = new PumpPorts();
    const [client, server] = [add(ports, 'client'), add(ports, 'server')];
    client.startRelay({ to: 'server', target: server, remaining: 9, bytes: 0 });
    server.closed();
    ports.disconnect(server);
    assert.deepEqual([...ports.values()], [client]);
    assert.deepEqual(callsOf(server), []);
  });

  it('reset all streams, those that leave too', () => {
    const ports = new PumpPorts();
    const all = [add(ports, 'client'), add(ports, 'server')];
    ports.disconnect(all[1] ?? assert.fail());
    ports.reset();
    assert.deepEqual(all.map(callsOf), [['reset'], ['destroy', 'reset']]);
  });

  it('tell the peer of one that is dropped for a break', () => {
    const ports = new PumpPorts();
    const client = add(ports, 'client');
    ports.disconnect(client, 'reset');
    assert.deepEqual(callsOf(client), ['reset']);
  });

  it('know whether the client has room for what comes for it', () => {
    const ports = new PumpPorts();
    assert.equal(ports.traffic.clientIsFull, false);
    const client = new PumpPort(
      'client',
      new FakeStream({ highWaterMark: 2, isEager: false }),
      NOBODY,
    );
    ports.add(client);
    const server = add(ports, 'server');
    client.send(toBytes('12'), 'given', server);
    assert.equal(ports.traffic.clientIsFull, false);
    client.send(toBytes('3'), 'given', server);
    assert.equal(ports.traffic.clientIsFull, true);
    client.drained();
    assert.equal(ports.traffic.clientIsFull, false);
    const relay = { to: 'client', target: client, remaining: 9, bytes: 0 } as const;
    server.startRelay({ ...relay, move: { hasBytes: true, stop: () => 0 } });
    assert.equal(ports.traffic.clientIsFull, true);
    server.startRelay({ ...relay, move: { hasBytes: false, stop: () => 0 } });
    assert.equal(ports.traffic.clientIsFull, false);
  });

  it('let a quiet stream go as it is, and count its bytes on', () => {
    const ports = new PumpPorts();
    const server = add(ports, 'server');
    server.stream.listen(server);
    assert.equal(ports.detach(server), true);
    assert.deepEqual([callsOf(server), ports.isEmpty], [[], true]);
    assert.deepEqual(ports.count(), { fromClient: 0, toClient: 0, fromServer: 3, toServer: 1 });
    server.stream.listen(nobody());
  });

  it('keep a port of which anything is still due', () => {
    const busy: readonly ((port: PumpPort, stream: FakeStream) => void)[] = [
      (port) => port.holdForEngine(),
      (port) => port.keep(toBytes('a')),
      (port) => port.ended(),
      (port) => port.end(),
      (port) => port.closed('ECONNRESET'),
      (port) => port.startRelay({ to: 'client', target: undefined, remaining: 1, bytes: 0 }),
      (_port, stream) => stream.says('not heard yet'),
    ];
    for (const [index, make] of busy.entries()) {
      const ports = new PumpPorts();
      const stream = new FakeStream();
      const port = new PumpPort('server', stream, NOBODY);
      ports.add(port);
      stream.listen(port);
      make(port, stream);
      assert.equal(ports.detach(port), false, String(index));
      assert.equal(ports.get('server'), port, String(index));
    }
  });
});

function nobody(): StreamListener {
  const nothing = (): void => undefined;
  return { received: nothing, ended: nothing, drained: nothing, closed: nothing };
}
