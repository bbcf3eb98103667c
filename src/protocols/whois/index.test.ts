import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { accept } from '../../proxy/policy-action.ts';
import { faultsOf } from '../../proxy/policy-fault.ts';
import { sourceOf } from '../../proxy/source-location.ts';
import { whoisProxy } from './index.ts';

describe('whoisProxy()', () => {
  it('is a frozen object of the policy that knows where it was made', () => {
    const whois = whoisProxy();
    assert.ok(Object.isFrozen(whois));
    assert.equal(whois.name, 'whois');
    assert.equal(whois.tellsRefusals, true);
    assert.equal(sourceOf(whois)?.file, import.meta.filename);
    assert.deepEqual(faultsOf(whois), []);
  });

  it('remembers faults and does not throw', () => {
    const options: object = { maxRequestLength: -1, maxHops: 1 };
    const paths = faultsOf(whoisProxy(options)).map(({ path }) => path);
    assert.deepEqual(paths.sort(), ['maxHops', 'maxRequestLength']);
  });

  it('explains what it does', () => {
    assert.equal(
      whoisProxy().explain(),
      'whois: all requests, up to 128 bytes; answers in lines of up to 132 bytes',
    );
    assert.match(whoisProxy({ whoisRequest: () => accept() }).explain(), /requests by a function/);
  });
});
