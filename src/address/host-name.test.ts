// The system resolver sees names only, never a number in disguise.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { canonicalHostName, isHostName } from './host-name.ts';

const LONGEST = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(61)}`;

describe('a host name', () => {
  for (const name of [
    ...['localhost', 'www.example.org', 'WWW.Example.ORG', 'example.org.', 'a', '3com.com'],
    ...[
      '_sip._tcp.example.org',
      'xn--bcher-kva.example',
      '1.2.3.in-addr.arpa',
      LONGEST,
      `${LONGEST}.`,
    ],
    ...['0xa.example', '10.example', 'a-b', 'x0x1', '1a'],
  ]) {
    it(`is ${name.slice(0, 40)}`, () => assert.equal(isHostName(name), true));
  }

  for (const [what, name] of [
    ['empty', ''],
    ['a dot', '.'],
    ['two dots at the end', 'example.org..'],
    ['an empty label', 'a..b'],
    ['a leading dot', '.example.org'],
    ['a hyphen at the start', '-a.example'],
    ['a hyphen at the end', 'a-.example'],
    ['a label of 64', `${'a'.repeat(64)}.example`],
    ['254 characters', `${LONGEST}e`],
    ['a hexadecimal address', '0x0a090909'],
    ['a hexadecimal address in capitals', '0X0A090909'],
    ['an octal address', '012.011.011.011'],
    ['a short octal address', '012.011'],
    ['a short address', '10.9.2313'],
    ['a decimal address', '168364297'],
    ['zero', '0'],
    ['an address with a dot at the end', '10.9.9.9.'],
    ['a hexadecimal last label', '10.9.9.0x9'],
    ['dots of another script', '10。9。9。9'],
    ['letters of another script', 'ⓛocalhost'],
    ['a name of another script', 'bücher.example'],
    ['a space', 'a b'],
    ['a line end', 'example.org\n'],
    ['a NUL', 'example.org\0.evil.example'],
    ['a port', 'example.org:80'],
    ['an IPv6 address', '::1'],
    ['a zone id', 'fe80::1%eth0'],
    ['a slash', 'example.org/x'],
  ] as const) {
    it(`is not ${what}`, () => assert.equal(isHostName(name), false));
  }

  it('is never all digits and dots, and answers for any text', () => {
    const digits = fc.string({ unit: fc.constantFrom(...Array.from('0123456789.xX')) });
    fc.assert(fc.property(digits, (text) => !/^[0-9.]*$/.test(text) || !isHostName(text)));
    fc.assert(fc.property(fc.string(), (text) => typeof isHostName(text) === 'boolean'));
  });
});

describe('canonicalHostName()', () => {
  it('is the same for every way to write a name', () => {
    for (const name of ['www.example.org', 'WWW.Example.ORG', 'www.example.org.'])
      assert.equal(canonicalHostName(name), 'www.example.org');
  });
});
