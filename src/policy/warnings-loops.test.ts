import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { idleProxy } from '../../test/support/policy-samples.ts';
import { warningsOf } from '../../test/support/policy-warnings.ts';
import { listener } from './listener.ts';
import type { Listener } from './make-listener.ts';
import { staticNat } from './nat-addresses.ts';
import { receiver } from './receiver.ts';
import { directedRouter, transparentRouter } from './router.ts';
import { rule } from './rule.ts';
import { ruleListener } from './rule-listener.ts';
import type { ServiceOptions } from './service.ts';
import { denyService, service } from './service.ts';
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

  it('finds a server that is a listener of the instance, whoever has the service', () => {
    const router = directedRouter({ destination: ['192.0.2.1:80', '127.0.0.1:80'] });
    const line =
      'listener.leads-back service "web" leads to 127.0.0.1:80, where listener "127.0.0.1:80" is: what goes there would come back, and is refused';
    for (const transparent of [false, true])
      assert.deepEqual(found({ router }, transparent), [line]);
    const same = directedRouter({ destination: '127.0.0.1:0' });
    assert.deepEqual(found({ router: same }), [line]);

    const web = service('web', { proxy: idleProxy(), router });
    const there = line.replace('"127.0.0.1:80"', '"0.0.0.0:80"');
    const elsewhere = listener('192.0.2.9:8080', web);
    const wide = listener('0.0.0.0:80', denyService('no'));
    assert.deepEqual(warningsOf(loopWarnings, { zones: [], listeners: [elsewhere, wide] }), [
      there,
    ]);
    const rules = [rule({ service: web })];
    const ruled = { zones: [], rules, listeners: [ruleListener('192.0.2.9:8080'), wide] };
    assert.deepEqual(warningsOf(loopWarnings, ruled), [there]);
  });

  it('is content with servers at which others listen, or which can be others', () => {
    const at = (destination: string): Partial<ServiceOptions> => ({
      router: directedRouter({ destination }),
    });
    const elsewhere: Partial<ServiceOptions>[] = [
      at('127.0.0.1:81'),
      at('127.0.0.2:80'),
      { router: directedRouter({ destination: '127.0.0.1:80', overrideable: true }) },
      { ...at('127.0.0.1:80'), dnat: staticNat({ address: '192.0.2.1:80' }) },
    ];
    for (const options of elsewhere) assert.deepEqual(found(options), []);

    const web = service('web', { proxy: idleProxy(), ...at('127.0.0.1:53') });
    const door = listener('127.0.0.1:80', web);
    const other = service('other', {
      proxy: idleProxy({ takesDatagrams: true }),
      ...at('192.0.2.1:53'),
    });
    const udp = receiver('127.0.0.1:53', other);
    assert.deepEqual(warningsOf(loopWarnings, { zones: [], listeners: [door, udp] }), []);
    const there = listener('127.0.0.1:53', other);
    const instances = { a: [door], b: [there] };
    assert.deepEqual(warningsOf(loopWarnings, { zones: [], instances }), []);
  });
});
