import assert from 'node:assert/strict';
import { it } from 'node:test';
import { z } from 'zod';
import { idleProxy } from '../../test/support/policy-samples.ts';
import { listenerFields, serviceSchema, zoneFields, zonePairFields } from './listener-options.ts';
import { denyService, service } from './service.ts';

const web = service('web', { proxy: idleProxy() });

it('the fields of listeners have the defaults that their options name', () => {
  assert.deepEqual(z.strictObject(listenerFields).parse({}), { transparent: false, backlog: 255 });
  const lines = z.strictObject(zoneFields).parse({ services: [{ from: '*', service: web }] });
  assert.equal(lines.followParent, false);
});

it('lines name services that a function of the policy made, or refuse', () => {
  const pairs = z.strictObject(zonePairFields);
  const line = { from: '*', to: '*', service: denyService('no') };
  assert.ok(pairs.safeParse({ services: [line] }).success);
  for (const services of [[], [{ ...line, service: { ...web } }], [{ from: '*', service: web }]])
    assert.ok(!pairs.safeParse({ services }).success);
  assert.ok(!serviceSchema.safeParse({ service: undefined }).success);
});
