import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { idleProxy } from '../../test/support/policy-samples.ts';
import { warningsOf } from '../../test/support/policy-warnings.ts';
import { listener } from './listener.ts';
import { program } from './program.ts';
import { denyService, service } from './service.ts';
import { stackWarnings } from './warnings-stacks.ts';
import type { ZoneOptions } from './zone.ts';
import { zone } from './zone.ts';

const filter = program('filter', { command: ['/bin/true'] });
const deep = service('deep', { proxy: idleProxy() });
const inner = service('inner', { proxy: idleProxy({ stacks: [deep, filter] }) });
const outer = service('outer', { proxy: idleProxy({ stacks: [inner, inner] }) });

function found(options: ZoneOptions): readonly string[] {
  return warningsOf(stackWarnings, {
    zones: [zone('office', { subnets: ['10.0.0.0/8'], ...options })],
    listeners: [listener('127.0.0.1:1', outer)],
  });
}

describe('stackWarnings()', () => {
  it('finds a service that a list leaves out and another one in it stacks, in either direction', () => {
    assert.deepEqual(found({ outboundServices: [outer], inboundServices: [outer, inner] }), [
      'list.without-stacked zone "office": outboundServices has service "outer", but not service "inner", which that stacks: it is refused there',
      'list.without-stacked zone "office": inboundServices has service "inner", but not service "deep", which that stacks: it is refused there',
    ]);
  });

  it('has nothing against lists that have all, or everything, or none of it, and zones without', () => {
    const rest = denyService('rest');
    assert.deepEqual(found({ outboundServices: [outer, inner, deep], inboundServices: ['*'] }), []);
    assert.deepEqual(found({ outboundServices: [deep, rest], inboundServices: [] }), []);
    assert.deepEqual(found({}), []);
  });
});
