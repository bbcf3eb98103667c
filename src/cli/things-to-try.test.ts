import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Listener, Policy } from '../index.ts';
import {
  clientOnlyEncryption,
  definePolicy,
  htpasswdProvider,
  httpProxy,
  inbandAuthentication,
  inbandRouter,
  listener,
  plugProxy,
  service,
  staticCertificate,
  zone,
} from '../index.ts';
import { thingsToTry } from './things-to-try.ts';

const web = service('web', { proxy: httpProxy({ mode: 'explicit' }), router: inbandRouter() });
const named = service('named', { proxy: httpProxy(), router: inbandRouter() });
const reverse = service('reverse', { proxy: httpProxy() });
const plug = service('plug', { proxy: plugProxy(), router: inbandRouter() });

const asking = service('asking', {
  proxy: httpProxy({ mode: 'explicit' }),
  router: inbandRouter(),
  authentication: inbandAuthentication({ provider: htpasswdProvider({ file: 'users' }) }),
});
const clientCertificate = staticCertificate({ certificate: 'a.pem', privateKey: 'a.key' });
const encrypted = service('encrypted', {
  proxy: httpProxy({ mode: 'explicit' }),
  router: inbandRouter(),
  encryption: clientOnlyEncryption({ clientCertificate }),
});
const mutual = service('mutual', {
  proxy: httpProxy({ mode: 'explicit' }),
  router: inbandRouter(),
  encryption: clientOnlyEncryption({ clientCertificate, clientVerify: { authorities: 'ca.pem' } }),
});

function policyWith(...listeners: readonly Listener[]): Policy {
  return definePolicy({ zones: [zone('all', { subnets: ['0.0.0.0/0'] })], listeners });
}

describe('thingsToTry()', () => {
  it('has a command for each explicit HTTP proxy, and only for those', () => {
    const policy = policyWith(
      listener('127.0.0.1:1', web),
      listener('127.0.0.1:2', reverse),
      listener('127.0.0.1:3', plug),
      listener('127.0.0.1:4', named),
      listener('127.0.0.1:5', web, { proxyProtocol: { from: '127.0.0.1' } }),
    );
    const commands = ['curl -x http://127.0.0.1:1 http://example.org/'];
    assert.deepEqual(thingsToTry(policy, 'zorp', ['127.0.0.1:1']), commands);
    assert.deepEqual(thingsToTry(policy, 'other', []), []);
  });

  it('says the user, and speaks TLS, where the service wants that', () => {
    const policy = policyWith(
      listener('127.0.0.1:1', asking),
      listener('127.0.0.1:2', encrypted),
      listener('127.0.0.1:3', mutual),
    );
    const given = '--proxy-cert FILE --proxy-key FILE';
    assert.deepEqual(thingsToTry(policy, 'zorp', []), [
      'curl -x http://127.0.0.1:1 -U NAME http://example.org/',
      'curl -x https://127.0.0.1:2 --proxy-insecure http://example.org/',
      `curl -x https://127.0.0.1:3 --proxy-insecure ${given} http://example.org/`,
    ]);
  });

  it('names an address that a client can connect to', () => {
    const everywhere = policyWith(listener('0.0.0.0:1', web));
    assert.match(thingsToTry(everywhere, 'zorp', []).join(), /http:\/\/127\.0\.0\.1:1 /);
    const everywhere6 = policyWith(listener('[::]:1', web));
    assert.match(thingsToTry(everywhere6, 'zorp', []).join(), /http:\/\/\[::1\]:1 /);
  });

  it('takes the port that the kernel chose, where only one can be meant', () => {
    const policy = policyWith(listener('127.0.0.1:0', web));
    assert.match(thingsToTry(policy, 'zorp', ['127.0.0.1:5']).join(), /127\.0\.0\.1:5 /);
    assert.deepEqual(thingsToTry(policy, 'zorp', ['127.0.0.1:5', '127.0.0.1:6']), []);
  });
});
