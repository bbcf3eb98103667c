// What happens when interfaces change is in test/system/interfaces.test.ts, where they may be changed.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { needsDriver, testLibc } from '../../test/support/driver-needs.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { MemoryLog } from '../../test/support/memory-log.ts';
import { InterfaceTable } from '../address/interface-table.ts';
import { IpAddress } from '../address/ip-address.ts';
import { LIST_INTERVAL_MS, monitorInterfaces } from './interface-monitor.ts';

const LOOPBACK = IpAddress.parse('127.0.0.1');

describe('monitorInterfaces without a C library', () => {
  it('lists the interfaces every two seconds, until it is closed', () => {
    const clock = new ManualClock();
    const monitor = monitorInterfaces(undefined, { clock, log: new MemoryLog() });
    const first = monitor.table;
    assert.ok(first.isOwn(LOOPBACK));
    monitor.onChange(() => assert.fail('nothing changes here'));
    clock.advance(LIST_INTERVAL_MS);
    assert.notEqual(monitor.table, first);
    monitor.close();
    assert.equal(clock.armed, 0);
  });
});

describe('monitorInterfaces by lists', () => {
  it('tells of a change, and only of one', () => {
    const clock = new ManualClock();
    const eth0 = { index: 2, name: 'eth0', group: 0, isUp: true, addresses: [LOOPBACK] };
    const changes = [[eth0], [eth0], [{ ...eth0, group: 5 }], [{ ...eth0, addresses: [] }], []];
    const lists = changes.map((interfaces) => new InterfaceTable(interfaces));
    const list = (): InterfaceTable => lists.shift() ?? InterfaceTable.EMPTY;
    const monitor = monitorInterfaces(undefined, { clock, log: new MemoryLog(), list });
    const seen: string[] = [];
    monitor.onChange(() => {
      const shown = monitor.table.interfaces.map(
        ({ name, group, addresses }) => `${name} ${group} ${addresses.join()}`,
      );
      seen.push(`${clock.monotonic()}: ${shown.join()}`);
    });
    clock.advance(10 * LIST_INTERVAL_MS);
    assert.deepEqual(seen, ['4000: eth0 5 127.0.0.1', '6000: eth0 0 ', '8000: ']);
    monitor.close();
  });
});

describe('monitorInterfaces over netlink', needsDriver(), () => {
  it('knows the interfaces as soon as it is there', () => {
    const clock = new ManualClock();
    const log = new MemoryLog();
    const monitor = monitorInterfaces(testLibc(), { clock, log });
    assert.ok(monitor.table.isOwn(LOOPBACK));
    assert.deepEqual(log.codes, []);
    monitor.close();
  });

  it('tells when the kernel cannot be asked, and asks again', () => {
    const clock = new ManualClock();
    const log = new MemoryLog();
    const real = testLibc();
    let isBroken = true;
    const libc = {
      ...real,
      socket: (family: number, type: number, protocol: number): number =>
        isBroken ? real.close(-1) : real.socket(family, type, protocol),
    };
    const monitor = monitorInterfaces(libc, { clock, log });
    let changes = 0;
    monitor.onChange(() => changes++);
    assert.deepEqual(log.codes, ['interfaces.unreadable']);
    assert.equal(monitor.table.isOwn(LOOPBACK), false);
    isBroken = false;
    clock.advance(LIST_INTERVAL_MS);
    assert.ok(monitor.table.isOwn(LOOPBACK));
    assert.equal(changes, 1);
    monitor.close();
    assert.equal(clock.armed, 0);
  });
});
