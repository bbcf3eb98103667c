import assert from 'node:assert/strict';
import { it } from 'node:test';
import { pfService } from '../policy/pf-service.ts';
import { FLOW_MASK, FlowNumbers, MOST_FLOWS } from './flow-numbers.ts';

it('the number of a taker stands in bits of its own', () => {
  const [one, other] = [pfService('one'), pfService('other')];
  const flows = new FlowNumbers([one, other]);
  assert.deepEqual(
    [flows.numberOf(one), flows.numberOf(other), flows.numberOf(pfService('x'))],
    [1, 2, 0],
  );
  assert.equal(flows.bitsOf(other), 0x0002_0000);
  const value = { '|': [{ '&': [{ ct: { key: 'mark' } }, 0xf000_ffff] }, 0x0002_0000] };
  assert.deepEqual(flows.remember(other), { mangle: { key: { ct: { key: 'mark' } }, value } });
  assert.equal(MOST_FLOWS * 0x1_0000, FLOW_MASK);
});
