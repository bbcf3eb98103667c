import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { needsDriver, testLibc } from '../../test/support/driver-needs.ts';
import {
  addressBytes,
  KIND,
  linkBytes,
  netlinkMessage,
  word,
} from '../../test/support/netlink-bytes.ts';
import type { KernelTalk } from './interface-dump.ts';
import { dumpInterfaces, readInterfaces, readNews } from './interface-dump.ts';
import { listInterfaces } from './interface-listing.ts';
import type { InterfaceState } from './interface-state.ts';
import type { Received } from './netlink-socket.ts';

const LINK = linkBytes({ index: 2, name: 'eth0' });
const ADDRESS = addressBytes({ index: 2, address: '192.0.2.1' });
const NEWS = addressBytes({ index: 2, address: '192.0.2.9' });

/** A kernel that answers each request with what a test gives for it; `end` is put at the end of an answer. */
function kernel(
  answers: readonly (readonly (Received | 'end')[])[],
): KernelTalk & { readonly asked: number } {
  const queue: Received[] = [];
  let asked = 0;
  return {
    get asked() {
      return asked;
    },
    send(request) {
      const sequence = new DataView(request.buffer, request.byteOffset).getUint32(8, true);
      const end = netlinkMessage(KIND.done, word(0), [], { sequence });
      queue.push(...(answers[asked] ?? []).map((one) => (one === 'end' ? end : one)));
      asked++;
    },
    receive: () => queue.shift() ?? 'nothing',
  };
}

function show(state: InterfaceState): readonly string[] {
  return state
    .table(new Map())
    .interfaces.map(({ name, addresses }) => `${name} ${addresses.join(' ')}`);
}

describe('dumpInterfaces', () => {
  it('puts links and addresses together, with the news in between', () => {
    const socket = kernel([
      [LINK, 'end'],
      [ADDRESS, NEWS, 'end'],
    ]);
    assert.deepEqual(show(dumpInterfaces(socket)), ['eth0 192.0.2.1 192.0.2.9']);
  });

  it('begins again where an answer is of no single moment, or something was lost', () => {
    const interrupted = netlinkMessage(99, new Uint8Array(), [], { flags: 0x10 });
    const socket = kernel([
      [LINK, interrupted, 'end'],
      [LINK, 'lost', 'end'],
      [LINK, Uint8Array.of(1, 2, 3), 'end'],
      [LINK],
      [LINK, 'end'],
      ['end'],
    ]);
    assert.deepEqual(show(dumpInterfaces(socket)), ['eth0 ']);
    assert.equal(socket.asked, 6);
  });

  it('gives up when it is refused, and when it never gets a whole answer', () => {
    const refused = netlinkMessage(KIND.error, word(-1), [], { sequence: 1 });
    assert.throws(() => dumpInterfaces(kernel([[refused]])), /the system says EPERM$/);
    assert.throws(() => dumpInterfaces(kernel([])), /change faster than it tells them$/);
  });
});

describe('readNews', () => {
  const read = (...received: readonly Received[]): readonly unknown[] => {
    const state = dumpInterfaces(kernel([[LINK, 'end'], ['end']]));
    const queue = [...received];
    const effect = readNews(
      { send: () => undefined, receive: () => queue.shift() ?? 'nothing' },
      state,
    );
    return [effect, ...show(state), queue.length];
  };

  it('says whether something changed', () => {
    assert.deepEqual(read(), ['none', 'eth0 ', 0]);
    assert.deepEqual(read(LINK), ['none', 'eth0 ', 0]);
    assert.deepEqual(read(ADDRESS, LINK), ['changed', 'eth0 192.0.2.1', 0]);
  });

  it('says when the whole must be asked for again', () => {
    for (const bad of [
      'lost',
      netlinkMessage(KIND.overrun, new Uint8Array()),
      Uint8Array.of(9),
    ] as const)
      assert.equal(read(ADDRESS, bad)[0], 'incomplete');
  });

  it('reads only so much at once', () => {
    const storm = Array.from({ length: 100 }, () => LINK);
    assert.deepEqual(read(...storm), ['none', 'eth0 ', 36]);
  });
});

describe('readInterfaces', needsDriver(), () => {
  it('knows what Node and sysfs know', () => {
    const told = readInterfaces(testLibc());
    for (const { name, index, group, isUp, addresses } of listInterfaces().interfaces) {
      const found = told.byName(name);
      assert.deepEqual([found?.index, found?.group, found?.isUp], [index, group, isUp], name);
      for (const address of addresses) assert.ok(told.isOwn(address), String(address));
    }
  });
});
