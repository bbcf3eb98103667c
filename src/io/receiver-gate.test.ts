import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DescriptorBudget } from './descriptor-budget.ts';
import { ReceiverGate } from './receiver-gate.ts';

function gateOf(
  max: number,
  limit = 10_000,
): {
  gate: ReceiverGate;
  said: string[];
  budget: DescriptorBudget;
} {
  const said: string[] = [];
  const budget = new DescriptorBudget({ limit, openAtStart: 0 });
  const gate = new ReceiverGate(budget, () => max, {
    exhausted: (shortage) => said.push(shortage),
    recovered: ({ dropped }) => said.push(`recovered ${dropped}`),
  });
  return { gate, said, budget };
}

describe('the gate of a receiver', () => {
  it('lets in as many as there may be, and says once that there are no more', () => {
    const { gate, said } = gateOf(100);
    assert.ok(gate.mayEnter(99));
    for (let count = 0; count < 5; count++) assert.equal(gate.mayEnter(100), false);
    assert.deepEqual(said, ['sessions']);
    gate.left(99); // one that ends lets nobody in: the port would be full again at the next datagram
    assert.equal(gate.mayEnter(99), false);
    gate.left(68);
    assert.deepEqual(said, ['sessions', 'recovered 6']);
    assert.ok(gate.mayEnter(68));
  });

  it('recovers with one session less where there may be few', () => {
    const { gate, said } = gateOf(1);
    assert.equal(gate.mayEnter(1), false);
    gate.left(0);
    assert.deepEqual(said, ['sessions', 'recovered 1']);
  });

  it('turns away where descriptors run out, until there are some', () => {
    const { gate, said, budget } = gateOf(100, 36);
    budget.take('accepted');
    budget.take('accepted');
    assert.equal(gate.mayEnter(2), false);
    assert.deepEqual(said, ['descriptors']);
    budget.giveBack('accepted');
    gate.left(0);
    assert.deepEqual(said, ['descriptors', 'recovered 1']);
    assert.ok(gate.mayEnter(1));
  });

  it('says nothing more once it is closed', () => {
    const { gate, said, budget } = gateOf(100, 36);
    budget.take('accepted');
    budget.take('accepted');
    gate.mayEnter(2);
    gate.close();
    budget.giveBack('accepted');
    assert.deepEqual(said, ['descriptors']);
  });
});
