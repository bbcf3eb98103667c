import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import * as vocabulary from '../index.ts';
import { cureOfMisplaced, registeredOptions, registerOptions } from './option-owners.ts';
import { faultsOf } from './policy-fault.ts';

const { clientOnlyEncryption, httpProxy, inbandAuthentication, listener, plugProxy } = vocabulary;
const { serverOnlyEncryption, service, staticCertificate } = vocabulary;

const proxy = plugProxy();
const web = service('web', { proxy });

/** Options that the types forbid: a policy in JavaScript has them. */
function wrong(options: object): never {
  return options as never;
}

/** Path and cure of each fault. */
function cures(thing: object): (readonly [path: string, cure: string])[] {
  return faultsOf(thing).map(({ path, cure }) => [path, cure]);
}

describe('registerOptions()', () => {
  it('is called for functions that a policy may import', () => {
    const names = [...registeredOptions().values()];
    const foreign = names.filter((name) => !(name in vocabulary));
    assert.deepEqual(foreign, []);
    for (const name of ['service', 'httpProxy', 'plugProxy', 'listener', 'zone', 'definePolicy'])
      assert.ok(names.includes(name), name);
  });
});

describe('cureOfMisplaced()', () => {
  const misplaced: readonly [thing: object, path: string, cure: string][] = [
    [
      service('web', wrong({ proxy, targetPorts: 80 })),
      'targetPorts',
      'it is an option of httpProxy() and socksProxy(): move it there',
    ],
    [
      service('web', wrong({ proxy, mode: 'explicit' })),
      'mode',
      'it is an option of httpProxy(): move it there',
    ],
    [
      service('web', wrong({ proxy, timeoutMs: 1 })),
      'timeoutMs',
      'it is an option of httpProxy(), customProxy(), ldapProvider() and others: move it there',
    ],
    [
      service('web', wrong({ proxy, maxInstances: 1 })),
      'maxInstances',
      'move it into limits: { maxInstances: ... }',
    ],
    [
      service('web', wrong({ proxy, tls: true })),
      'tls',
      'write "encryption": there is no such option',
    ],
    [
      service('web', wrong({ proxy, serverTls: {} })),
      'serverTls',
      'it is an option of twoSidedEncryption() and serverOnlyEncryption(): move it there',
    ],
    [httpProxy(wrong({ router: 1 })), 'router', 'it is an option of service(): move it there'],
    [
      httpProxy(wrong({ authentication: { provider: 1 } })),
      'authentication.provider',
      'it is an option of inbandAuthentication(): move it there',
    ],
    [
      httpProxy(wrong({ authentication: { mode: 'explicit' } })),
      'authentication.mode',
      'move it out of authentication: it is an option beside that',
    ],
    [httpProxy(wrong({ realm: 'here' })), 'realm', 'move it into authentication: { realm: ... }'],
    [
      inbandAuthentication(
        wrong({ provider: vocabulary.functionProvider(() => undefined), realm: 'here' }),
      ),
      'realm',
      'it is an option of authentication in httpProxy(): move it there',
    ],
    [
      serverOnlyEncryption(wrong({ clientCertificate: 1 })),
      'clientCertificate',
      'it is an option of twoSidedEncryption() and clientOnlyEncryption(): move it there',
    ],
    [
      listener('127.0.0.1:1', web, wrong({ encryption: 1 })),
      'encryption',
      'it is an option of service(): move it there',
    ],
    [
      listener('127.0.0.1:1', web, wrong({ ssl: true })),
      'ssl',
      'it is "encryption", an option of service(): move it there',
    ],
  ];
  for (const [thing, path, cure] of misplaced)
    it(`says of ${path}: ${cure}`, () => {
      assert.deepEqual(cures(thing), [[path, cure]]);
    });

  it('names a function and not its variants', () => {
    const other = z.strictObject({});
    assert.equal(
      cureOfMisplaced('redirectPorts', other, []),
      'it is an option of listener() and receiver(): move it there',
    );
  });

  it('says nothing of what is unknown everywhere, or means something else in each function', () => {
    const other = z.strictObject({});
    for (const key of ['squid', 'name', 'port', 'toString', '__proto__'])
      assert.equal(cureOfMisplaced(key, other, []), undefined, key);
  });

  it('keeps to the option that was misspelt, if it is one', () => {
    const certificate = { privateKey: 'x.key', certificates: 'x.pem' };
    assert.ok(
      cures(staticCertificate(wrong(certificate))).some(
        ([, cure]) => cure === 'write "certificate": there is no such option',
      ),
    );
    assert.match(
      cures(clientOnlyEncryption(wrong({ clientCertificates: 1 }))).join(),
      /write "clientCertificate"/,
    );
  });

  it('knows a function as soon as its options are registered', () => {
    const other = z.strictObject({});
    const unheard = z.strictObject({ unheardOf: z.strictObject({ unheardWithin: z.string() }) });
    assert.equal(cureOfMisplaced('unheardOf', other, []), undefined);
    registerOptions('unheard', unheard);
    assert.equal(
      cureOfMisplaced('unheardOf', other, []),
      'it is an option of unheard(): move it there',
    );
    assert.equal(
      cureOfMisplaced('unheardWithin', other, []),
      'it is an option of unheardOf in unheard(): move it there',
    );
  });
});
