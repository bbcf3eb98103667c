import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { readIpText, writeIpv4, writeIpv6 } from './ip-text.ts';
import type { IpWords } from './ip-text.ts';

const ipv4Text = fc
  .tuple(...Array<fc.Arbitrary<number>>(4).fill(fc.nat(255)))
  .map((n) => n.join('.'));

const hexGroup = fc
  .tuple(fc.oneof(fc.constant(0), fc.nat(0xffff)), fc.integer({ min: 1, max: 4 }), fc.boolean())
  .map(([group, width, isUpper]) => {
    const text = group.toString(16).padStart(width, '0');
    return isUpper ? text.toUpperCase() : text;
  });

/** Any form of RFC 4291, 2.2: eight groups, some left out for "::", the last two perhaps as IPv4. */
const ipv6Text = fc
  .record({
    groups: fc.array(hexGroup, { minLength: 8, maxLength: 8 }),
    ipv4Tail: fc.option(ipv4Text, { nil: undefined }),
    gap: fc.option(fc.tuple(fc.nat(7), fc.integer({ min: 1, max: 8 })), { nil: undefined }),
  })
  .map(({ groups, ipv4Tail, gap }) => {
    const parts = ipv4Tail === undefined ? groups : [...groups.slice(0, 6), ipv4Tail];
    if (gap === undefined) return parts.join(':');
    const [position, length] = gap;
    const start = position % parts.length; // a gap stands for at least one part
    return `${parts.slice(0, start).join(':')}::${parts.slice(start + length).join(':')}`;
  });

const validText = fc.oneof(ipv4Text, ipv6Text, fc.ipV4(), fc.ipV6());

/** A valid text with a few characters left out, replaced or put in: near misses find more than noise. */
const mutatedText = fc
  .tuple(
    validText,
    fc.array(
      fc.tuple(
        fc.nat(),
        fc.nat(2),
        fc.constantFrom('', '::', '.0', ...Array.from('0129afFgx:.%/[]+- \0\n')),
      ),
      { minLength: 1, maxLength: 3 },
    ),
  )
  .map(([text, edits]) =>
    edits.reduce((current, [position, removed, added]) => {
      const at = position % (current.length + 1);
      return current.slice(0, at) + added + current.slice(at + removed);
    }, text),
  );

const anyText = fc.oneof(
  { weight: 3, arbitrary: mutatedText },
  { weight: 2, arbitrary: validText },
  fc.ipV4Extended(),
  fc.string(),
  fc.string({ unit: fc.constantFrom(...Array.from('0123456789abcdef:.')), maxLength: 48 }),
);

const RUNS = { numRuns: 2_000 };

function cureOf(text: string): string {
  const reading = readIpText(text);
  return 'cure' in reading ? reading.cure : 'nothing to cure';
}

function familyOf(text: string): 0 | 4 | 6 {
  const reading = readIpText(text);
  if ('cure' in reading) return 0;
  return reading.family === 'ipv4' ? 4 : 6;
}

function bytesOf(words: readonly number[]): number[] {
  return words.flatMap((word) => [
    word >>> 24,
    (word >>> 16) & 255,
    (word >>> 8) & 255,
    word & 255,
  ]);
}

describe('readIpText()', () => {
  it('accepts exactly what net.isIP() accepts, zone ids aside', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        assert.equal(familyOf(text), text.includes('%') ? 0 : isIP(text));
      }),
      RUNS,
    );
  });

  it('reads the bytes that ipaddr.js reads', () => {
    fc.assert(
      fc.property(validText, (text) => {
        fc.pre(!/^::[0-9]+\./.test(text)); // ipaddr.js takes the IPv4-compatible ::1.2.3.4 for ::ffff:1.2.3.4
        const reading = readIpText(text);
        assert.ok(!('cure' in reading), text);
        const words = reading.family === 'ipv4' ? reading.words.slice(0, 1) : reading.words;
        assert.deepEqual(bytesOf(words), ipaddr.parse(text).toByteArray());
      }),
      RUNS,
    );
  });

  it('reads the forms of RFC 4291, 2.2', () => {
    const forms: [string, IpWords][] = [
      ['2001:DB8:0:0:8:800:200C:417A', [0x20010db8, 0, 0x00080800, 0x200c417a]],
      ['2001:DB8::8:800:200C:417A', [0x20010db8, 0, 0x00080800, 0x200c417a]],
      ['FF01::101', [0xff010000, 0, 0, 0x101]],
      ['::1', [0, 0, 0, 1]],
      ['::', [0, 0, 0, 0]],
      ['0:0:0:0:0:0:13.1.68.3', [0, 0, 0, 0x0d014403]],
      ['::13.1.68.3', [0, 0, 0, 0x0d014403]],
      ['::FFFF:129.144.52.38', [0, 0, 0xffff, 0x81903426]],
      ['1:2:3:4:5:6:7::', [0x00010002, 0x00030004, 0x00050006, 0x00070000]],
    ];
    for (const [text, words] of forms)
      assert.deepEqual(readIpText(text), { family: 'ipv6', words });
  });

  it('says what to write instead of a bad IPv4 address', () => {
    assert.equal(cureOf('010.1.1.1'), 'write each number without leading zeros');
    assert.equal(cureOf('1.2.3.256'), 'each number is at most 255');
    for (const text of ['', '1.2.3', '1.2.3.4.5', '16909060', '0x1.2.3.4', '1.2.3.', 'localhost']) {
      assert.equal(cureOf(text), 'write four decimal numbers, as in 192.0.2.1', text);
    }
  });

  it('says what to write instead of a bad IPv6 address', () => {
    assert.equal(cureOf('1::2::3'), 'write "::" at most once');
    assert.equal(cureOf('1:2:3'), 'write eight groups, or "::" for those that are zero');
    assert.equal(cureOf('1:2:3:4:5:6:7::8'), 'leave out "::", all eight groups are there');
    for (const text of ['12345::', ':::', '::g', ':1:2:3:4:5:6:7', '1.2.3.4::']) {
      assert.equal(cureOf(text), 'write each group as one to four hexadecimal digits', text);
    }
    assert.equal(cureOf('::01.2.3.4'), 'write each number without leading zeros');
  });

  it('says which part does not belong into an address', () => {
    assert.equal(cureOf('fe80::1%eth0'), 'leave out the zone id');
    assert.equal(cureOf('[::1]'), 'leave out the brackets');
    assert.equal(cureOf('10.0.0.0/8'), 'leave out the prefix length');
    assert.equal(cureOf(' 10.0.0.1'), 'leave out the white space');
    assert.equal(cureOf('0'.repeat(1_000_000)), 'an address has at most 45 characters');
  });
});

describe('writeIpv4()', () => {
  it('writes what readIpText() reads back', () => {
    fc.assert(
      fc.property(ipv4Text, (text) => {
        const reading = readIpText(text);
        assert.ok(!('cure' in reading));
        assert.equal(writeIpv4(reading.words[0]), text);
      }),
    );
  });
});

describe('writeIpv6()', () => {
  const word = fc.oneof(fc.constantFrom(0, 1, 0xffff, 0x10000), fc.nat(0xffff_ffff));
  const anyWords = fc.tuple(word, word, word, word);

  it('writes what readIpText() reads back', () => {
    fc.assert(
      fc.property(anyWords, (words) => {
        assert.deepEqual(readIpText(writeIpv6(words)), { family: 'ipv6', words });
      }),
      RUNS,
    );
  });

  it('writes what the URL standard writes, mapped addresses aside', () => {
    fc.assert(
      fc.property(anyWords, (words) => {
        fc.pre(words[0] !== 0 || words[1] !== 0 || words[2] !== 0xffff);
        const text = writeIpv6(words);
        assert.equal(new URL(`http://[${text}]/`).hostname, `[${text}]`);
      }),
      RUNS,
    );
  });

  it('follows the recommendations of RFC 5952, 4 and 5', () => {
    const canonical = [
      ['2001:0db8::0001', '2001:db8::1'], // 4.1, no leading zeros
      ['2001:db8:0:0:0:0:2:1', '2001:db8::2:1'], // 4.2.1, "::" as long as it can be
      ['2001:db8::1:1:1:1:1', '2001:db8:0:1:1:1:1:1'], // 4.2.2, not for one group
      ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'], // 4.2.3, for the longest run
      ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'], // 4.2.3, for the first of equal ones
      ['2001:DB8::ABCD', '2001:db8::abcd'], // 4.3, lower case
      ['::ffff:c000:201', '::ffff:192.0.2.1'], // 5, the prefix says that it is IPv4
      ['0:0:0:0:0:0:0:0', '::'],
      ['1:0:0:0:0:0:0:0', '1::'],
    ] as const;
    for (const [text, expected] of canonical) {
      const reading = readIpText(text);
      assert.ok(!('cure' in reading));
      assert.equal(writeIpv6(reading.words), expected);
    }
  });
});
