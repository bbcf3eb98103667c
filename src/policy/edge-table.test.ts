import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EdgeTable } from './edge-table.ts';

describe('EdgeTable', () => {
  it('finds every edge, also after it has grown, and no other', () => {
    const table = new EdgeTable();
    for (let node = 0; node < 100; node++)
      for (let key = 1; key <= 100; key++) table.add(node, key, node * 1000 + key);
    for (let node = 0; node < 100; node++) {
      for (let key = 1; key <= 100; key++) assert.equal(table.child(node, key), node * 1000 + key);
      assert.equal(table.child(node, 101), -1);
    }
    assert.equal(table.child(100, 1), -1);
  });

  it('is empty at first', () => {
    assert.equal(new EdgeTable().child(0, 0), -1);
  });
});
