import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { idleProxy } from '../../test/support/policy-samples.ts';
import { warningsOf } from '../../test/support/policy-warnings.ts';
import { detectorOf } from '../../test/support/rule-samples.ts';
import { sideStackChainer } from './chainer-side-stack.ts';
import { listener } from './listener.ts';
import { ruleListener } from './rule-listener.ts';
import { program } from './program.ts';
import { rule } from './rule.ts';
import type { Service } from './service.ts';
import { denyService, service } from './service.ts';
import { unusedWarnings } from './warnings-unused.ts';
import { zone } from './zone.ts';

function stacking(name: string, ...stacks: Parameters<typeof idleProxy>[0][]): Service {
  return service(name, { proxy: idleProxy(...stacks) });
}

const filter = program('filter', { command: ['/bin/true'] });

describe('unusedWarnings()', () => {
  it('finds what only zones name, and what only that stacks', () => {
    const idle = stacking('idle', { stacks: [filter] });
    const inner = stacking('inner');
    const outer = stacking('outer', { stacks: [inner] });
    const used = stacking('used');
    const found = warningsOf(unusedWarnings, {
      zones: [zone('all', { subnets: ['10.0.0.0/8'], outboundServices: [used, outer, idle] })],
      listeners: [listener('127.0.0.1:1', used)],
    });
    assert.deepEqual(
      found.map((line) => line.split(' is ')[0]),
      [
        'service.unused service "outer"',
        'service.unused service "idle"',
        'service.unused service "inner"',
        'program.unused program "filter"',
      ],
    );
  });

  it('has nothing against what listeners, rules, detectors, proxies and chainers start', () => {
    const inner = stacking('inner', { stacks: [filter] });
    const beside = stacking('beside');
    const outer = service('outer', {
      proxy: idleProxy({ stacks: [inner] }),
      chainer: sideStackChainer({ proxy: idleProxy({ stacks: [beside] }) }),
    });
    const found = stacking('found');
    const detect = [{ detector: detectorOf('any'), service: found }];
    const rest = denyService('rest');
    const listed = [inner, beside, outer, found, rest];
    assert.deepEqual(
      warningsOf(unusedWarnings, {
        zones: [zone('all', { subnets: ['10.0.0.0/8'], outboundServices: listed })],
        rules: [rule({ detect, service: rest })],
        listeners: [listener('127.0.0.1:1', outer), ruleListener('127.0.0.1:2')],
      }),
      [],
    );
  });
});
