// DNS cannot put just any address into a zone.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { IpAddress } from '../address/ip-address.ts';
import { HostAddress, refusedHostAddress } from './host-address.ts';
import { zone } from './zone.ts';

describe('refusedHostAddress()', () => {
  for (const [text, because] of [
    ['127.0.0.1', /this machine/],
    ['127.255.255.255', /this machine/],
    ['0.0.0.0', /this machine/],
    ['::1', /this machine/],
    ['::', /this machine/],
    ['224.0.0.1', /multicast/],
    ['239.255.255.250', /multicast/],
    ['ff02::1', /multicast/],
    ['169.254.169.254', /metadata/],
    ['169.254.7.7', /link-local/],
    ['64:ff9b::127.0.0.1', /this machine/],
    ['2002:7f00:1::', /this machine/],
    ['fe80::1', /link-local/],
    ['255.255.255.255', /multicast/],
    ['240.0.0.1', /reserved/],
  ] as const) {
    it(`refuses ${text}`, () =>
      assert.match(refusedHostAddress(IpAddress.parse(text)) ?? 'permitted', because));
  }

  for (const text of [
    '192.0.2.1',
    '10.0.0.1',
    '126.255.255.255',
    '223.255.255.255',
    '2001:db8::1',
    'fd00::1',
  ])
    it(`lets ${text} be`, () => assert.equal(refusedHostAddress(IpAddress.parse(text)), undefined));
});

describe('HostAddress', () => {
  it('reads as the host and its address', () => {
    const host = new HostAddress(zone('w', {}), 'www.example.org', IpAddress.parse('192.0.2.1'));
    assert.equal(String(host), 'www.example.org is 192.0.2.1');
  });
});
