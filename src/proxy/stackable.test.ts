// What can be stacked, and the cure for what cannot.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { program } from '../policy/program.ts';
import { denyService, service } from '../policy/service.ts';
import { plugProxy } from '../protocols/plug/index.ts';
import { isStackable, stackableSchema } from './stackable.ts';

describe('isStackable()', () => {
  it('takes services and programs', () => {
    assert.equal(isStackable(service('inner', { proxy: plugProxy() })), true);
    assert.equal(isStackable(program('filter', { command: ['/bin/cat'] })), true);
  });

  it('takes nothing else', () => {
    const others: readonly unknown[] = [
      undefined,
      null,
      'cat',
      {},
      { kind: 'service', name: 'no proxy' },
      { name: 'no kind' },
      denyService('none'),
      plugProxy(),
    ];
    for (const other of others) assert.equal(isStackable(other), false);
  });

  it('is the schema, whose text is a cure', () => {
    const result = stackableSchema.safeParse('cat');
    assert.match(result.error?.issues[0]?.message ?? '', /service\(\).*program\(\)/);
  });
});
