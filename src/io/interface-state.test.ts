import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addressBytes, linkBytes } from '../../test/support/netlink-bytes.ts';
import type { Effect } from './interface-state.ts';
import { InterfaceState, MAX_ADDRESSES_PER_INTERFACE } from './interface-state.ts';
import { parseNetlink } from './netlink-message.ts';

function feed(state: InterfaceState, ...received: readonly Uint8Array[]): readonly Effect[] {
  return received
    .flatMap((bytes) => parseNetlink(bytes))
    .map((one) =>
      one.type === 'link' || one.type === 'address' ? state.apply(one) : assert.fail(one.type),
    );
}

function show(state: InterfaceState): readonly string[] {
  return state
    .table(new Map())
    .interfaces.map(
      ({ index, name, group, isUp, addresses }) =>
        `${index} ${name} ${group} ${isUp ? 'up' : 'down'} ${addresses.join(' ')}`,
    );
}

const ETH0 = linkBytes({ index: 2, name: 'eth0', group: 0 });

describe('InterfaceState', () => {
  it('keeps interfaces and their addresses', () => {
    const state = new InterfaceState();
    const first = addressBytes({ index: 2, address: '192.0.2.1' });
    const second = addressBytes({ index: 2, address: '2001:db8::1' });
    assert.deepEqual(feed(state, ETH0, first, second), ['changed', 'changed', 'changed']);
    assert.deepEqual(show(state), ['2 eth0 0 up 192.0.2.1 2001:db8::1']);
    assert.deepEqual(feed(state, addressBytes({ index: 2, address: '192.0.2.1', gone: true })), [
      'changed',
    ]);
    assert.deepEqual(show(state), ['2 eth0 0 up 2001:db8::1']);
  });

  it('says that nothing changed where nothing did', () => {
    const state = new InterfaceState();
    const address = addressBytes({ index: 2, address: '192.0.2.1' });
    feed(state, ETH0, address);
    const never = addressBytes({ index: 2, address: '192.0.2.9', gone: true });
    const unknown = linkBytes({ index: 9, gone: true });
    assert.deepEqual(feed(state, ETH0, address, never, unknown), ['none', 'none', 'none', 'none']);
  });

  it('follows a rename, a move to a group, down and up; what a message leaves out stays', () => {
    const state = new InterfaceState();
    feed(state, ETH0, linkBytes({ index: 2, name: 'outside', group: 7 }));
    assert.deepEqual(show(state), ['2 outside 7 up ']);
    feed(state, linkBytes({ index: 2, isUp: false }));
    assert.deepEqual(show(state), ['2 outside 7 down ']);
  });

  it('waits for the name of an interface of which it hears first without one', () => {
    const state = new InterfaceState();
    assert.deepEqual(feed(state, linkBytes({ index: 3 })), ['none']);
    assert.deepEqual(show(state), []);
  });

  it('forgets the addresses of an interface that is gone', () => {
    const state = new InterfaceState();
    feed(state, ETH0, addressBytes({ index: 2, address: '192.0.2.1' }));
    assert.deepEqual(feed(state, linkBytes({ index: 2, gone: true }), ETH0), [
      'changed',
      'changed',
    ]);
    assert.deepEqual(show(state), ['2 eth0 0 up ']);
  });

  it('has a tentative address only when it can be used, and no longer when it is found to be taken', () => {
    const state = new InterfaceState();
    const tell = (flags: number): readonly Effect[] =>
      feed(state, addressBytes({ index: 2, address: 'fd00::1', flags }));
    feed(state, ETH0);
    assert.deepEqual(tell(0x40), ['none']);
    assert.deepEqual(tell(0), ['changed']);
    assert.deepEqual(show(state), ['2 eth0 0 up fd00::1']);
    assert.deepEqual(tell(0x08), ['changed']);
    assert.deepEqual(show(state), ['2 eth0 0 up ']);
  });

  it('has an address that is there twice until both are gone', () => {
    const state = new InterfaceState();
    const twice = [
      { index: 2, address: '192.0.2.1', peer: '192.0.2.2' },
      { index: 2, address: '192.0.2.1', peer: '192.0.2.3' },
    ];
    feed(state, ETH0, ...twice.map((one) => addressBytes(one)));
    assert.deepEqual(show(state), ['2 eth0 0 up 192.0.2.1']);
    const [first, second] = twice.map((one) => addressBytes({ ...one, gone: true }));
    feed(state, first ?? ETH0);
    assert.deepEqual(show(state), ['2 eth0 0 up 192.0.2.1']);
    feed(state, second ?? ETH0);
    assert.deepEqual(show(state), ['2 eth0 0 up ']);
  });

  it('counts 256 addresses of an interface, and says so when one of the others may have room', () => {
    const state = new InterfaceState();
    feed(state, ETH0);
    const address = (number: number, gone = false): Uint8Array =>
      addressBytes({ index: 2, address: `10.0.${number >> 8}.${number & 255}`, gone });
    for (let number = 0; number < MAX_ADDRESSES_PER_INTERFACE; number++)
      assert.deepEqual(feed(state, address(number)), ['changed']);
    assert.deepEqual(state.overfull, []);
    assert.deepEqual(feed(state, address(256)), ['none']);
    assert.deepEqual(state.overfull, ['eth0']);
    assert.deepEqual(feed(state, address(256, true)), ['none']);
    assert.deepEqual(feed(state, address(7, true)), ['lost']);
  });
});
