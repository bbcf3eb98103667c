import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turnOfLoop } from 'node:timers/promises';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { MemoryLog } from '../../test/support/memory-log.ts';

import { InterfaceTable } from '../address/interface-table.ts';
import { SocketAddress } from '../address/socket-address.ts';
import { IpAddress } from '../address/ip-address.ts';
import { linkPair } from '../io/link-stream.ts';
import { interfaceBind } from '../policy/interface-bind.ts';
import { listener } from '../policy/listener.ts';
import { receiver } from '../policy/receiver.ts';
import { denyService } from '../policy/service.ts';
import type { Accepted } from '../session/outside.ts';
import type { ConnectionTaker, OpenListener } from './open-listeners.ts';
import { OpenListeners } from './open-listeners.ts';

const nothing = denyService('nothing');

/** A system with ports that can be taken, and that tells what is open. */
class Ports {
  readonly open = new Map<string, (connection: Accepted) => void>();
  readonly taken = new Set<string>();
  readonly log: string[] = [];
  #nextPort = 40_000;

  readonly opener: OpenListener = ({ bind, protocol }, accepted) => {
    const address = bind.port === 0 ? bind.withPort(this.#nextPort++) : bind;
    const key = protocol === 'udp' ? `${String(address)}/udp` : String(address);
    if (this.taken.has(key)) return Promise.reject(new Error(`${key} is taken`));
    this.open.set(key, accepted);
    this.log.push(`open ${key}`);
    const close = (): void => {
      this.open.delete(key);
      this.log.push(`close ${key}`);
    };
    return Promise.resolve({ address, close });
  };
}

function connection(): Accepted {
  const [stream] = linkPair(1);
  const address = SocketAddress.parse('192.0.2.7:4711');
  return { stream, clientAddress: address, clientLocal: address };
}

function neverAccepted(): void {
  assert.fail('nothing connects here');
}

/** Sockets on a machine whose interfaces a test changes. */
function openListeners(ports: Ports, accepted: ConnectionTaker = neverAccepted): Machine {
  const clock = new ManualClock();
  const log = new MemoryLog();
  let table = InterfaceTable.EMPTY;
  const interfaces = (): InterfaceTable => table;
  const listeners = new OpenListeners({ open: ports.opener, accepted, interfaces, clock, log });
  const change = async (next: InterfaceTable): Promise<void> => {
    table = next;
    listeners.follow();
    await turnOfLoop();
  };
  return { listeners, clock, log, change };
}

interface Machine {
  readonly listeners: OpenListeners;
  readonly clock: ManualClock;
  readonly log: MemoryLog;
  readonly change: (table: InterfaceTable) => Promise<void>;
}

describe('OpenListeners', () => {
  it('gives connections to the listener of the latest policy', async () => {
    const ports = new Ports();
    const seen: string[] = [];
    const { listeners } = openListeners(ports, (taker) => void seen.push(taker?.name ?? 'nobody'));
    const bind = '127.0.0.1:80';
    await listeners.replace([listener(bind, nothing, { name: 'old' })], () => undefined);
    const accepted = ports.open.get(bind);
    accepted?.(connection());
    await listeners.replace([listener(bind, nothing, { name: 'new' })], () => undefined);
    accepted?.(connection());
    assert.deepEqual(seen, ['old', 'new']);
    assert.deepEqual(ports.log, ['open 127.0.0.1:80']);
  });

  it('opens what is new before it closes what is gone, and commits between the two', async () => {
    const ports = new Ports();
    const { listeners } = openListeners(ports);
    await listeners.replace([listener(['127.0.0.1:1', '127.0.0.1:2'], nothing)], () => undefined);
    await listeners.replace([listener(['127.0.0.1:2', '127.0.0.1:3'], nothing)], () => {
      ports.log.push('commit');
    });
    assert.deepEqual(ports.log.slice(2), ['open 127.0.0.1:3', 'commit', 'close 127.0.0.1:1']);
    assert.deepEqual(listeners.addresses, ['127.0.0.1:2', '127.0.0.1:3']);
  });

  it('changes nothing when one address cannot be opened', async () => {
    const ports = new Ports();
    const { listeners } = openListeners(ports);
    await listeners.replace([listener('127.0.0.1:1', nothing)], () => undefined);
    ports.taken.add('127.0.0.1:3');
    const next = listener(['127.0.0.1:2', '127.0.0.1:3'], nothing);
    await assert.rejects(
      listeners.replace([next], () => assert.fail('not committed')),
      /127\.0\.0\.1:3 is taken/,
    );
    assert.deepEqual([...ports.open.keys()], ['127.0.0.1:1']);
    assert.deepEqual(listeners.addresses, ['127.0.0.1:1']);
  });

  it('keeps the kernel-chosen ports of listeners with port 0 apart', async () => {
    const ports = new Ports();
    const { listeners } = openListeners(ports);
    const one = listener('127.0.0.1:0', nothing, { name: 'one' });
    const two = listener('127.0.0.1:0', nothing, { name: 'two' });
    await listeners.replace([one, two], () => undefined);
    assert.deepEqual(listeners.addresses, ['127.0.0.1:40000', '127.0.0.1:40001']);
  });

  it('knows which addresses it has', async () => {
    const ports = new Ports();
    const { listeners } = openListeners(ports);
    const binds = ['127.0.0.1:1', '0.0.0.0:2', '127.0.0.1:0'];
    await listeners.replace([listener(binds, nothing)], () => undefined);
    const has = (text: string) => listeners.listensAt(SocketAddress.parse(text));
    assert.deepEqual(['127.0.0.1:1', '192.0.2.1:2', '127.0.0.1:40000'].map(has), [
      true,
      true,
      true,
    ]);
    assert.deepEqual(['127.0.0.2:1', '[::1]:2', '127.0.0.1:0'].map(has), [false, false, false]);
  });

  it('has a TCP and a UDP port of the same number, and tells which is which', async () => {
    const ports = new Ports();
    const seen: unknown[] = [];
    const { listeners } = openListeners(ports, (taker) => void seen.push(taker?.protocol));
    const both = [receiver('127.0.0.1:53', nothing), listener('127.0.0.1:53', nothing)];
    await listeners.replace(both, () => undefined);
    assert.deepEqual(listeners.addresses, ['127.0.0.1:53/udp', '127.0.0.1:53']);
    for (const accepted of ports.open.values()) accepted(connection());
    assert.deepEqual(seen, ['udp', 'tcp']);
    await listeners.replace(both.slice(0, 1), () => undefined);
    assert.equal(listeners.listensAt(SocketAddress.parse('127.0.0.1:53')), false);
    assert.deepEqual(ports.log.at(-1), 'close 127.0.0.1:53');
  });

  it('hands on what a listener accepted that is closed since, as of nobody', async () => {
    const ports = new Ports();
    const seen: unknown[] = [];
    const { listeners } = openListeners(ports, (taker) => void seen.push(taker));
    await listeners.replace([listener('127.0.0.1:1', nothing)], () => undefined);
    const accepted = ports.open.get('127.0.0.1:1');
    listeners.close();
    accepted?.(connection());
    assert.deepEqual(seen, [undefined]);
  });

  it('closes all', async () => {
    const ports = new Ports();
    const { listeners } = openListeners(ports);
    await listeners.replace([listener(['127.0.0.1:1', '[::1]:1'], nothing)], () => undefined);
    listeners.close();
    assert.equal(ports.open.size, 0);
    assert.deepEqual(listeners.addresses, []);
  });
});

function machine(interfaces: Readonly<Record<string, readonly string[]>>): InterfaceTable {
  return new InterfaceTable(
    Object.entries(interfaces).map(([name, addresses], index) => ({
      ...{ index, name, group: 0, isUp: true },
      addresses: addresses.map((text) => IpAddress.parse(text)),
    })),
  );
}

describe('OpenListeners with binds that follow an interface', () => {
  const eth0 = interfaceBind('eth0', { port: 80 });
  const web = listener(eth0, nothing, { name: 'web' });

  it('listens where the interface has addresses, as they come and go', async () => {
    const ports = new Ports();
    const { listeners, log, change } = openListeners(ports);
    await listeners.replace([web], () => undefined);
    assert.deepEqual(ports.log, []);
    await change(machine({ eth0: ['192.0.2.1', '192.0.2.2'], eth1: ['192.0.2.3'] }));
    await change(machine({ eth0: ['192.0.2.2'] }));
    await change(machine({ eth1: ['192.0.2.2'] }));
    assert.deepEqual(ports.log, [
      'open 192.0.2.1:80',
      'open 192.0.2.2:80',
      'close 192.0.2.1:80',
      'close 192.0.2.2:80',
    ]);
    const nowhere = 'listener.follows-nothing';
    const [opened, closed] = ['instance.listening', 'instance.closed'];
    assert.deepEqual(log.codes, [nowhere, opened, opened, closed, closed, nowhere]);
  });

  it('opens on a reload what is there already, which the reload tells', async () => {
    const ports = new Ports();
    const { listeners, log, change } = openListeners(ports);
    await change(machine({ eth0: ['192.0.2.1'] }));
    await listeners.replace([web], () => void ports.log.push('commit'));
    assert.deepEqual(ports.log, ['commit', 'open 192.0.2.1:80']);
    assert.deepEqual(listeners.addresses, ['192.0.2.1:80']);
    assert.deepEqual(log.codes, []);
  });

  it('keeps a socket on a reload, whether its address is named or followed', async () => {
    const ports = new Ports();
    const seen: (string | undefined)[] = [];
    const { listeners, change } = openListeners(ports, (taker) => void seen.push(taker?.name));
    await change(machine({ eth0: ['192.0.2.1'] }));
    const named = listener('192.0.2.1:80', nothing, { name: 'named' });
    for (const policy of [web, named, web, listener(eth0, nothing, { name: 'new' })]) {
      await listeners.replace([policy], () => undefined);
      ports.open.get('192.0.2.1:80')?.(connection());
    }
    assert.deepEqual(ports.log, ['open 192.0.2.1:80']);
    assert.deepEqual(seen, ['web', 'named', 'web', 'new']);
  });

  it('leaves to others what they name, other instances too', async () => {
    const ports = new Ports();
    const { listeners, change } = openListeners(ports);
    const named = listener('192.0.2.1:80', nothing, { name: 'named' });
    const elsewhere = listener('192.0.2.2:80', nothing, { name: 'elsewhere' });
    await listeners.replace([web, named], () => undefined, [elsewhere]);
    await change(machine({ eth0: ['192.0.2.1', '192.0.2.2', '192.0.2.3'] }));
    assert.deepEqual([...ports.open.keys()], ['192.0.2.1:80', '192.0.2.3:80']);
  });

  it('tries again what cannot be opened, tells it once, and forgets it with its address', async () => {
    const ports = new Ports();
    const { listeners, clock, log, change } = openListeners(ports);
    ports.taken.add('192.0.2.1:80');
    ports.taken.add('192.0.2.2:80');
    await listeners.replace([web], () => undefined);
    await change(machine({ eth0: ['192.0.2.1', '192.0.2.2', '192.0.2.3'] }));
    assert.deepEqual(ports.log, ['open 192.0.2.3:80']);
    const failed = log.lines.filter(({ code }) => code === 'listener.follow-failed');
    assert.deepEqual(
      failed.map(({ fields }) => fields?.['address']),
      ['192.0.2.1:80', '192.0.2.2:80'],
    );
    for (let attempt = 0; attempt < 3; attempt++) {
      clock.advance(60_000);
      await turnOfLoop();
    }
    ports.taken.delete('192.0.2.1:80');
    clock.advance(60_000);
    await turnOfLoop();
    assert.deepEqual(ports.log, ['open 192.0.2.3:80', 'open 192.0.2.1:80']);
    assert.equal(log.codes.filter((code) => code === 'listener.follow-failed').length, 2);
    await change(machine({ eth0: ['192.0.2.1', '192.0.2.3'] }));
    assert.equal(clock.armed, 0);
  });

  it('does not fail a reload for an address that it follows, but for one that is named', async () => {
    const ports = new Ports();
    const { listeners, change } = openListeners(ports);
    await change(machine({ eth0: ['192.0.2.1'] }));
    ports.taken.add('192.0.2.1:80');
    await listeners.replace([web], () => undefined);
    assert.deepEqual(listeners.addresses, []);
    const named = listener('192.0.2.1:80', nothing, { name: 'named' });
    await assert.rejects(
      listeners.replace([named], () => assert.fail('not committed')),
      /is taken/,
    );
    ports.taken.clear();
    await change(machine({ eth0: ['192.0.2.1', '192.0.2.2'] }));
    assert.deepEqual(listeners.addresses, ['192.0.2.1:80', '192.0.2.2:80']);
  });

  it('follows datagrams as it follows connections', async () => {
    const ports = new Ports();
    const { listeners, change } = openListeners(ports);
    const names = receiver(eth0, nothing, { name: 'names' });
    await listeners.replace([web, names], () => undefined);
    await change(machine({ eth0: ['192.0.2.1'] }));
    assert.deepEqual(listeners.addresses, ['192.0.2.1:80', '192.0.2.1:80/udp']);
    assert.ok(listeners.listensAt(SocketAddress.parse('192.0.2.1:80')));
  });

  it('takes many changes at once as one', async () => {
    const ports = new Ports();
    const { listeners, change } = openListeners(ports);
    await listeners.replace([web], () => undefined);
    const many = Array.from({ length: 256 }, (_, index) => `192.0.2.${index}`);
    for (let count = 0; count < 20; count++) void change(machine({ eth0: many.slice(0, count) }));
    await change(machine({ eth0: many }));
    assert.equal(listeners.addresses.length, 256);
    assert.equal(ports.log.length, 256);
  });

  it('opens nothing any more once it is closed', async () => {
    const ports = new Ports();
    const { listeners, clock, change } = openListeners(ports);
    ports.taken.add('192.0.2.2:80');
    await listeners.replace([web], () => undefined);
    const opening = change(machine({ eth0: ['192.0.2.1', '192.0.2.2'] }));
    listeners.close();
    await opening;
    await change(machine({ eth0: ['192.0.2.3'] }));
    assert.equal(ports.open.size, 0);
    assert.equal(clock.armed, 0);
  });

  it('does not open an address in another way while it is open', async () => {
    const ports = new Ports();
    const { listeners } = openListeners(ports);
    const refuse = denyService('refuse');
    await listeners.replace([listener('127.0.0.1:1', refuse)], () => undefined);
    const transparent = listener('127.0.0.1:1', refuse, { name: 'other', transparent: true });
    await assert.rejects(
      listeners.replace([transparent], () => assert.fail('nothing is committed')),
      /^Error: Listener other cannot become another kind while 127\.0\.0\.1:1 is open: restart/,
    );
    assert.deepEqual(ports.log, ['open 127.0.0.1:1']);
    await listeners.replace([], () => undefined);
    await listeners.replace([transparent], () => undefined);
    assert.deepEqual(ports.log, ['open 127.0.0.1:1', 'close 127.0.0.1:1', 'open 127.0.0.1:1']);
  });
});
