import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faultsOf } from '../../../proxy/policy-fault.ts';
import { httpProxy } from '../index.ts';
import { authenticationSchema, PLAIN_AUTHENTICATION } from './authentication-settings.ts';

describe('authenticationSchema', () => {
  it('has defaults', () => {
    assert.deepEqual(PLAIN_AUTHENTICATION, {
      realm: 'Zorp HTTP auth',
      forward: 'none',
      form: undefined,
    });
    assert.deepEqual(authenticationSchema.parse({ form: true }).form, { lifetimeMs: 3_600_000 });
    assert.deepEqual(authenticationSchema.parse({ form: { lifetimeMs: 5_000 } }).form, {
      lifetimeMs: 5_000,
    });
    assert.equal(authenticationSchema.parse({ form: false }).form, undefined);
  });

  it('refuses the rest', () => {
    for (const bad of [
      ...[{ realm: '' }, { realm: 'a\r\nb' }, { realm: 'á' }, { forward: 'Cookie' }],
      ...[{ form: { lifetimeMs: 1 } }, { form: 'yes' }, { login: true }],
      { form: true, forward: 'Authorization' },
    ])
      assert.equal(authenticationSchema.safeParse(bad).success, false, JSON.stringify(bad));
  });
});

describe('httpProxy() with authentication', () => {
  it('says that it can ask, and whether that is expected', () => {
    assert.equal(httpProxy().authentication, 'possible');
    assert.equal(httpProxy({ authentication: {} }).authentication, 'expected');
  });

  it('has a form in transparent mode only', () => {
    assert.deepEqual(faultsOf(httpProxy({ authentication: { form: true } })), []);
    const [fault] = faultsOf(httpProxy({ mode: 'explicit', authentication: { form: true } }));
    assert.equal(fault?.path, 'authentication.form');
  });
});
