import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ChildUse } from './child-slot.ts';
import { ChildSlot } from './child-slot.ts';
import { Referee } from './referee.ts';

class FakeUse implements ChildUse {
  readonly reads = ['server'] as const;
  readonly calls: string[] = [];
  isHalfDone = false;
  isOver = false;

  begin(): void {
    this.calls.push('begin');
  }

  handle({ type }: { readonly type: string }): undefined {
    this.calls.push(type);
  }

  flow(): void {
    this.calls.push('flow');
  }
}

describe('the place for a child', () => {
  it('gives what happens to who has started the child last', () => {
    const slot = new ChildSlot(new Referee('guess'));
    slot.flow();
    assert.equal(slot.handle({ type: 'stacked' }), undefined);
    assert.deepEqual(slot.reads, []);
    const first = new FakeUse();
    slot.begin(first);
    slot.handle({ type: 'stacked' });
    slot.flow();
    first.isOver = true;
    slot.handle({ type: 'started' }); // it may have to send a late child away
    const second = new FakeUse();
    slot.begin(second);
    slot.handle({ type: 'stacked' });
    assert.deepEqual(first.calls, ['begin', 'stacked', 'flow', 'started']);
    assert.deepEqual(second.calls, ['begin', 'stacked']);
    assert.deepEqual(slot.reads, ['server']);
  });

  it('has room for one child at a time', () => {
    const slot = new ChildSlot(new Referee('guess'));
    slot.checkFree('relayed');
    slot.begin(new FakeUse());
    assert.throws(() => slot.begin(new FakeUse()), /started a child while another child runs/);
    assert.throws(() => {
      slot.checkFree('relayed');
    }, /relayed while another child runs/);
  });

  it('remembers what was left half done', () => {
    const slot = new ChildSlot(new Referee('guess'));
    const first = new FakeUse();
    assert.equal(slot.isHalfDone, false);
    slot.begin(first);
    first.isHalfDone = true;
    first.isOver = true;
    assert.equal(slot.isHalfDone, true);
    slot.begin(new FakeUse());
    assert.equal(slot.isHalfDone, true);
  });
});
