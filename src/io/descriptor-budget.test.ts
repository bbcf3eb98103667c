// The budget counts every descriptor until its holder closes, and no longer.
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DESCRIPTOR_RESERVE, DescriptorBudget, parseSoftLimit } from './descriptor-budget.ts';
import type { DescriptorUse } from './descriptor-budget.ts';

function budgetOf(capacity: number): DescriptorBudget {
  return new DescriptorBudget({ limit: capacity + DESCRIPTOR_RESERVE + 20, openAtStart: 20 });
}

/** Something with a descriptor: `close` gives it back. */
class Holder extends EventEmitter {
  close(): void {
    this.emit('close');
  }
}

function charge(budget: DescriptorBudget, use: DescriptorUse): Holder {
  const holder = new Holder();
  budget.charge(holder, use);
  return holder;
}

describe('a descriptor budget', () => {
  it('counts an accepted connection as two, with or without its server', () => {
    const budget = budgetOf(10);
    const client = charge(budget, 'accepted');
    assert.equal(budget.free, 8);
    const server = charge(budget, 'connected');
    assert.equal(budget.free, 8);
    const data = charge(budget, 'connected');
    assert.equal(budget.free, 7);
    for (const holder of [client, server, data]) holder.close();
    assert.equal(budget.free, 10);
  });

  it('counts a pipe as two, and lets connections go first', () => {
    const budget = budgetOf(100);
    budget.take('pipe');
    assert.equal(budget.free, 98);
    for (let count = 0; count < 64; count++) budget.take('connected');
    assert.deepEqual([budget.free, budget.hasRoomForPipe, budget.hasRoom], [34, true, true]);
    budget.take('connected');
    assert.deepEqual([budget.free, budget.hasRoomForPipe, budget.hasRoom], [33, false, true]);
    budget.giveBack('pipe');
    assert.deepEqual([budget.free, budget.hasRoomForPipe], [35, true]);
  });

  it('has spare sockets closed before their room is missed', () => {
    const budget = budgetOf(100);
    let spares = 0;
    let shortages = 0;
    const keepSpares = (): void => {
      for (; budget.hasRoomToSpare; spares++) budget.take('spare');
    };
    budget.onShortage(() => {
      shortages++;
      for (; spares > 0; spares--) budget.giveBack('spare');
    });
    keepSpares();
    assert.deepEqual([spares, budget.free, budget.hasRoom], [68, 32, true]);
    budget.take('pipe');
    assert.deepEqual([spares, budget.free, shortages], [0, 98, 1]);
    keepSpares();
    assert.deepEqual([budget.hasRoomForPipe, budget.hasRoomToSpare], [true, false]);
    budget.take('connected');
    assert.deepEqual([spares, budget.free, shortages], [0, 97, 2]);
    for (let count = 0; count < 49; count++) budget.take('accepted');
    assert.deepEqual([budget.hasRoom, shortages], [false, 2]); // nobody has any
  });

  it('never refuses a connection for spare sockets', () => {
    const uses = fc.array(fc.constantFrom<DescriptorUse>('accepted', 'connected', 'pipe', 'spare'));
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 200 }), uses, (capacity, kinds) => {
        const budget = budgetOf(capacity);
        let spares = 0;
        budget.onShortage(() => {
          for (; spares > 0; spares--) budget.giveBack('spare');
        });
        for (const use of kinds) {
          if (use === 'spare' && budget.hasRoomToSpare) spares++;
          else if (use === 'spare') continue;
          else if (use === 'pipe' ? !budget.hasRoomForPipe : !budget.hasRoom) continue;
          budget.take(use);
          assert.ok(budget.free >= 0);
          assert.ok(budget.hasRoom || spares === 0);
        }
      }),
    );
  });

  it('has room for a connection while two are free', () => {
    const budget = budgetOf(3);
    assert.equal(budget.hasRoom, true);
    charge(budget, 'connected');
    assert.equal(budget.hasRoom, true);
    charge(budget, 'connected');
    assert.equal(budget.hasRoom, false);
  });

  it('gives back each charge once', () => {
    const budget = budgetOf(10);
    const client = charge(budget, 'accepted');
    client.close();
    client.close();
    assert.equal(budget.free, 10);
  });

  it('says once when there is room for several again', () => {
    const budget = budgetOf(8);
    const clients = Array.from({ length: 4 }, () => charge(budget, 'accepted'));
    const calls: string[] = [];
    budget.onceRoomy(() => calls.push('roomy'));
    const cancel = budget.onceRoomy(() => calls.push('cancelled'));
    cancel();
    clients[0]?.close();
    assert.deepEqual(calls, []);
    for (const client of clients.slice(1)) client.close();
    assert.deepEqual(calls, ['roomy']);
  });

  it('is whole again when everything is closed, in any order', () => {
    const uses = fc.array(fc.constantFrom<DescriptorUse>('accepted', 'connected'));
    fc.assert(
      fc.property(uses, fc.array(fc.nat()), (kinds, order) => {
        const budget = budgetOf(1000);
        const holders = kinds.map((use) => charge(budget, use));
        for (const index of order) {
          if (holders.length > 0) holders.splice(index % holders.length, 1)[0]?.close();
        }
        for (const holder of holders) holder.close();
        assert.equal(budget.free, 1000);
      }),
    );
  });

  it('refuses a limit under which nothing works, and names the cure', () => {
    assert.throws(() => budgetOf(1), /limit of 53 open files.*ulimit -n/);
    assert.equal(budgetOf(2).hasRoom, true);
  });

  it('reads the soft limit', () => {
    const head = 'Limit                     Soft Limit           Hard Limit           Units     \n';
    const line = (soft: string) =>
      `${head}Max open files            ${soft}                 4096   files\n`;
    assert.equal(parseSoftLimit(line('1024')), 1024);
    assert.equal(parseSoftLimit(line('unlimited')), Infinity);
    assert.equal(parseSoftLimit(head), undefined);
  });

  it('knows that this process has room', () => {
    assert.equal(DescriptorBudget.ofProcess().hasRoom, true);
  });
});
