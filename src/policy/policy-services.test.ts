import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faultLines, idleProxy, wrong } from '../../test/support/policy-samples.ts';
import type { ProxyFactory } from '../proxy/engine.ts';
import { inbandAuthentication } from './authentication.ts';
import { functionProvider } from './authentication-provider.ts';
import { permitAll, permitAny, permitGroup, permitUser } from './authorization.ts';
import { dynamicCertificate } from './certificate-source.ts';
import type { PolicyOptions } from './define-policy.ts';
import { definePolicy } from './define-policy.ts';
import type { Listener } from './make-listener.ts';
import { listener } from './listener.ts';
import {
  forwardStartTlsEncryption,
  serverOnlyEncryption,
  twoSidedEncryption,
} from './encryption.ts';
import { program } from './program.ts';
import { directedRouter, inbandRouter, transparentRouter } from './router.ts';
import type { ServiceOptions } from './service.ts';
import { denyService, service } from './service.ts';
import { zone } from './zone.ts';

const web = service('web', { proxy: idleProxy() });
const zones = [zone('inside', { subnets: ['10.0.0.0/8'], outboundServices: [web] })];

function make(...listeners: readonly Listener[]): PolicyOptions {
  return { zones, listeners };
}

describe('definePolicy() with services', () => {
  it('refuses two services of one name, wherever they are used', () => {
    const inner = denyService('web');
    const stacking = service('stacking', { proxy: idleProxy({ stacks: [wrong(inner)] }) });
    const made = [listener('127.0.0.1:80', web), listener('127.0.0.1:81', stacking)];
    assert.deepEqual(faultLines(make(...made)), ['deny-service "web" name "web"']);
  });

  it('refuses stacked services that are none', () => {
    const stacking = service('stacking', { proxy: idleProxy({ stacks: [wrong('web')] }) });
    assert.deepEqual(faultLines(make(listener('127.0.0.1:80', stacking))), [
      'service "stacking" proxy.stacks "web"',
    ]);
  });

  it('tells the faults of an object that is used twice once', () => {
    const router = directedRouter({ destination: 'nowhere' });
    const one = service('one', { proxy: idleProxy(), router });
    const two = service('two', { proxy: idleProxy(), router });
    const made = [listener('127.0.0.1:80', one), listener('127.0.0.1:81', two)];
    assert.deepEqual(faultLines(make(...made)), ['router destination "nowhere"']);
  });

  it('knows the programs that a service may stack, by names of their own', () => {
    const filter = program('filter', { command: ['/bin/cat'] });
    const stacking = service('stacking', { proxy: idleProxy({ stacks: [filter, filter] }) });
    const policy = definePolicy(make(listener('127.0.0.1:80', stacking)));
    assert.deepEqual(policy.programs, [filter]);
    assert.deepEqual(policy.services, [stacking, web]);
    const same = service('filter', { proxy: idleProxy({ stacks: [filter] }) });
    assert.deepEqual(faultLines(make(listener('127.0.0.1:80', same))), [
      'program "filter" name "filter"',
    ]);
  });

  it('refuses programs that were not made by program(), and tells the faults of the others', () => {
    const copy = { ...program('copy', { command: ['/bin/cat'] }) };
    const faulty = program('faulty', { command: ['./cat'] });
    const stacking = service('stacking', { proxy: idleProxy({ stacks: [copy, faulty] }) });
    assert.deepEqual(faultLines(make(listener('127.0.0.1:80', stacking))), [
      'service "stacking" proxy.stacks "copy"',
      'program "faulty" command[0] "./cat"',
    ]);
  });

  it('refuses a server mark with the bit by which the packet filter keeps packets here', () => {
    const marked = service('marked', { proxy: idleProxy(), serverMark: 0x4000_0001 });
    const options = make(listener('127.0.0.1:80', marked));
    assert.deepEqual(faultLines(options), ['service "marked" serverMark 0x40000001']);
    const packetFilter = { mark: 0x8000_0000 };
    assert.ok(definePolicy({ ...options, packetFilter }).services.includes(marked));
  });
});

describe('definePolicy() with certificates made on the fly', () => {
  const clientCertificate = dynamicCertificate({
    authority: { certificate: 'ca.pem', privateKey: 'ca.key' },
  });
  const encryption = twoSidedEncryption({ clientCertificate });
  const faultsWith = (options: Partial<ServiceOptions>): readonly string[] => {
    const proxy = idleProxy({ authentication: 'possible' });
    const made = service('looking', { proxy, encryption, ...options });
    return faultLines(make(listener('127.0.0.1:80', made)));
  };

  it('takes a router that knows the server, and no other', () => {
    const router = directedRouter({ destination: '192.0.2.1:443' });
    assert.doesNotThrow(() => {
      const made = service('looking', { proxy: idleProxy(), encryption, router });
      definePolicy(make(listener('127.0.0.1:80', made)));
    });
    const [inband = ''] = faultsWith({ router: inbandRouter() });
    assert.match(inband, /^service "looking" router /);
    assert.equal(faultsWith({ router: transparentRouter({ overrideable: true }) }).length, 1);
  });

  it('asks nobody who they are before the server is connected', () => {
    const authentication = inbandAuthentication({ provider: functionProvider(() => undefined) });
    const [fault = ''] = faultsWith({ authentication });
    assert.match(fault, /^service "looking" authentication /);
  });
});

describe('definePolicy() with a proxy that takes https URLs', () => {
  const proxy = idleProxy({ needsServerTls: true });
  const faultsWith = (options: Partial<ServiceOptions>): readonly string[] =>
    faultLines(make(listener('127.0.0.1:80', service('asked', { proxy, ...options }))));

  it('lets nothing of them go on in plain text', () => {
    assert.deepEqual(faultsWith({}), ['service "asked" encryption undefined']);
    const asked = service('asked', { proxy, encryption: serverOnlyEncryption() });
    assert.doesNotThrow(() => definePolicy(make(listener('127.0.0.1:80', asked))));
  });
});

describe('definePolicy() with TLS from the middle of a conversation', () => {
  const clientCertificate = dynamicCertificate({
    authority: { certificate: 'ca.pem', privateKey: 'ca.key' },
  });
  const encryption = forwardStartTlsEncryption({ clientCertificate });
  const router = inbandRouter();

  it('wants a proxy that can begin it', () => {
    const proxy = idleProxy();
    const [fault = ''] = faultLines(
      make(listener('127.0.0.1:80', service('plain', { proxy, encryption, router }))),
    );
    assert.match(fault, /^service "plain" encryption TLS with clients by STARTTLS/);
  });

  it('leaves the server to a proxy that can', () => {
    const proxy = { ...idleProxy(), startsTls: true };
    const made = service('mail', { proxy, encryption, router });
    assert.doesNotThrow(() => definePolicy(make(listener('127.0.0.1:80', made))));
  });
});

describe('definePolicy() with users', () => {
  const faultsWith = (proxy: ProxyFactory, options: Partial<ServiceOptions>): readonly string[] =>
    faultLines(make(listener('127.0.0.1:80', service('asking', { proxy, ...options }))));
  const authentication = inbandAuthentication({ provider: functionProvider(() => undefined) });
  const plain = idleProxy();
  const able = idleProxy({ authentication: 'possible' });
  const expecting = idleProxy({ authentication: 'expected' });

  it('takes a service whose proxy can ask', () => {
    const authorization = permitUser('alice');
    const parts: readonly (readonly [ProxyFactory, Partial<ServiceOptions>])[] = [
      [able, { authentication, authorization }],
      [able, {}],
      [expecting, { authentication }],
    ];
    for (const [proxy, options] of parts) {
      const asking = service('asking', { proxy, ...options });
      assert.doesNotThrow(() => definePolicy(make(listener('127.0.0.1:80', asking))));
    }
  });

  it('refuses a service that would never ask its clients', () => {
    const fault = (path: string, value: string): readonly string[] => [
      `service "asking" ${path} ${value}`,
    ];
    assert.deepEqual(
      faultsWith(plain, { authentication }),
      fault('authentication', 'users by a function, remembered for 600 s by client'),
    );
    assert.deepEqual(
      faultsWith(able, { authorization: permitUser('alice') }),
      fault('authorization', 'user alice'),
    );
    assert.deepEqual(faultsWith(expecting, {}), fault('authentication', 'undefined'));
  });

  it('tells the faults of all parts', () => {
    const provider = functionProvider(wrong(7));
    const faulty = inbandAuthentication({ provider, cache: wrong(1) });
    const authorization = permitAny([permitUser([]), permitAll([permitGroup('')])]);
    assert.equal(faultsWith(able, { authentication: faulty, authorization }).length, 4);
  });
});
