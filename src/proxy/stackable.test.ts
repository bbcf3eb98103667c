// What can be stacked, and the cure for what cannot.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { program } from '../policy/program.ts';
import { denyService, service } from '../policy/service.ts';
import { plugProxy } from '../protocols/plug/index.ts';
import { isStackable, stackableSchema, stackChoiceSchema } from './stackable.ts';

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

describe('stackChoiceSchema', () => {
  it('takes what refuses, too, and nothing else', () => {
    const inner = service('inner', { proxy: plugProxy() });
    for (const one of [inner, denyService('none')])
      assert.equal(stackChoiceSchema.safeParse(one).success, true);
    for (const other of [undefined, 'cat', { kind: 'deny-service' }, plugProxy()]) {
      const result = stackChoiceSchema.safeParse(other);
      assert.match(result.error?.issues[0]?.message ?? '', /denyService\(\).*program\(\)/);
    }
  });
});
