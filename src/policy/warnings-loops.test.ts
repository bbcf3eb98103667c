import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { idleProxy } from '../../test/support/policy-samples.ts';
import { warningsOf } from '../../test/support/policy-warnings.ts';
import { listener } from './listener.ts';
import type { Listener } from './make-listener.ts';
import { staticNat } from './nat-addresses.ts';
import { directedRouter, transparentRouter } from './router.ts';
import { rule } from './rule.ts';
import { ruleListener } from './rule-listener.ts';
import type { ServiceOptions } from './service.ts';
import { service } from './service.ts';
import { loopWarnings } from './warnings-loops.ts';

function found(options: Partial<ServiceOptions>, transparent = false): readonly string[] {
  const web = service('web', { proxy: idleProxy(), ...options });
  const listeners = [listener('127.0.0.1:80', web, { transparent })];
  return warningsOf(loopWarnings, { zones: [], listeners });
}

describe('loopWarnings()', () => {
  it('finds a router that leads back to the listener', () => {
    const [line = '', ...others] = found({});
    assert.match(
      line,
      /^listener\.leads-back service "web" leads back to listener "127\.0\.0\.1:80": /,
    );
    assert.deepEqual(others, []);
  });

  it('is content with a transparent listener, and with what leads elsewhere', () => {
    assert.deepEqual(found({}, true), []);
    const elsewhere: Partial<ServiceOptions>[] = [
      { router: transparentRouter({ forcedPort: 8080 }) },
      { router: transparentRouter({ overrideable: true }) },
      { router: directedRouter({ destination: '192.0.2.1:0' }) },
      { dnat: staticNat({ address: '192.0.2.1:80' }) },
    ];
    for (const options of elsewhere) assert.deepEqual(found(options), []);
  });

  it('is content with a listener to which a PROXY header says where the client wanted to go', () => {
    const web = service('web', { proxy: idleProxy() });
    const listeners = [listener('127.0.0.1:80', web, { proxyProtocol: { from: ['127.0.0.1'] } })];
    assert.deepEqual(warningsOf(loopWarnings, { zones: [], listeners }), []);
  });

  it('looks at what rules start, too', () => {
    const web = service('web', { proxy: idleProxy() });
    const rules = [rule({ service: web })];
    const lines = (made: Listener): number =>
      warningsOf(loopWarnings, { zones: [], rules, listeners: [made] }).length;
    assert.equal(lines(ruleListener('127.0.0.1:80')), 1);
    assert.equal(lines(ruleListener('127.0.0.1:80', { transparent: true })), 0);
    assert.equal(lines(ruleListener()), 0);
  });
});
