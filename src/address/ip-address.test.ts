import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { IpAddress } from './ip-address.ts';

const word = fc.oneof(fc.constantFrom(0, 0xffff, 0x8000_0000, 0xffff_ffff), fc.nat(0xffff_ffff));
const anyAddress = fc.oneof(
  fc.tuple(word).map((words) => IpAddress.fromWords('ipv4', words)),
  fc.tuple(word, word, word, word).map((words) => IpAddress.fromWords('ipv6', words)),
);

describe('IpAddress.parse()', () => {
  it('reads IPv4 into its first word', () => {
    const address = IpAddress.parse('192.0.2.1');
    assert.equal(address.family, 'ipv4');
    assert.equal(address.bitLength, 32);
    assert.deepEqual(
      [address.word0, address.word1, address.word2, address.word3],
      [0xc0000201, 0, 0, 0],
    );
    assert.deepEqual(address.words, [0xc0000201]);
  });

  it('reads IPv6 into four words', () => {
    const address = IpAddress.parse('2001:db8:ffff:fffe::1');
    assert.equal(address.family, 'ipv6');
    assert.equal(address.bitLength, 128);
    assert.deepEqual(address.words, [0x20010db8, 0xfffffffe, 0, 1]);
  });

  it('refuses octal, and names value and cure', () => {
    assert.throws(() => IpAddress.parse('010.1.1.1'), {
      name: 'SyntaxError',
      message: 'Cannot parse IP address "010.1.1.1": write each number without leading zeros',
    });
  });

  it('refuses a text that could break a log line without breaking it', () => {
    assert.throws(() => IpAddress.parse('1.2.3.4\n'), /Cannot parse IP address "1\.2\.3\.4\\n": /);
  });

  it('reads back what toString() writes', () => {
    fc.assert(
      fc.property(anyAddress, (address) => {
        assert.deepEqual(IpAddress.parse(address.toString()), address);
      }),
    );
  });
});

describe('IpAddress.tryParse()', () => {
  it('is parse() without the error', () => {
    assert.equal(IpAddress.tryParse('::1')?.toString(), '::1');
    assert.equal(IpAddress.tryParse('::1%lo'), undefined);
  });
});

describe('IpAddress.fromWords()', () => {
  it('refuses another number of words', () => {
    assert.throws(() => IpAddress.fromWords('ipv4', []), {
      name: 'RangeError',
      message: 'Cannot make ipv4 address of 0 words: give 1',
    });
    assert.throws(() => IpAddress.fromWords('ipv6', [1]), /of 1 words: give 4/);
  });

  it('refuses what is no unsigned 32-bit integer', () => {
    for (const bad of [-1, 2 ** 32, 0.5, Number.NaN]) {
      assert.throws(() => IpAddress.fromWords('ipv4', [bad]), RangeError, String(bad));
      assert.throws(() => IpAddress.fromWords('ipv6', [0, 0, 0, bad]), RangeError, String(bad));
    }
  });
});

describe('new IpAddress()', () => {
  it('refuses words that IPv4 has not', () => {
    assert.throws(() => new IpAddress('ipv4', [1, 0, 0, 2]), {
      name: 'RangeError',
      message: 'Cannot use 2 as word 3 of ipv4 address: give an integer of 0 to 0',
    });
  });
});

describe('IpAddress.fromBytes()', () => {
  it('reads network order', () => {
    assert.equal(IpAddress.fromBytes(Uint8Array.of(192, 0, 2, 255)).toString(), '192.0.2.255');
    const loopback = new Uint8Array(16).fill(1, 15);
    assert.equal(IpAddress.fromBytes(loopback).toString(), '::1');
  });

  it('reads a part of a larger buffer', () => {
    const packet = Uint8Array.of(9, 9, 10, 0, 0, 1, 9);
    assert.equal(IpAddress.fromBytes(packet.subarray(2, 6)).toString(), '10.0.0.1');
  });

  it('refuses other lengths', () => {
    for (const length of [0, 3, 5, 15, 17]) {
      assert.throws(() => IpAddress.fromBytes(new Uint8Array(length)), {
        name: 'RangeError',
        message: `Cannot make address of ${length} bytes: give 4 or 16`,
      });
    }
  });

  it('reads back what toBytes() writes', () => {
    fc.assert(
      fc.property(anyAddress, (address) => {
        assert.deepEqual(IpAddress.fromBytes(address.toBytes()), address);
      }),
    );
  });
});

describe('IpAddress.netmask()', () => {
  it('has as many leading ones as the prefix is long', () => {
    for (const family of ['ipv4', 'ipv6'] as const) {
      const bits = family === 'ipv4' ? 32 : 128;
      for (let length = 0; length <= bits; length++) {
        const written = IpAddress.netmask(family, length)
          .words.map((part) => part.toString(2).padStart(32, '0'))
          .join('');
        assert.equal(written, '1'.repeat(length).padEnd(bits, '0'));
      }
    }
  });

  it('refuses a length that the family does not have', () => {
    assert.throws(() => IpAddress.netmask('ipv4', 33), {
      name: 'RangeError',
      message: 'Cannot use prefix length 33: give an integer of 0 to 32',
    });
    assert.throws(() => IpAddress.netmask('ipv6', 129), RangeError);
    assert.throws(() => IpAddress.netmask('ipv6', -1), RangeError);
    assert.throws(() => IpAddress.netmask('ipv6', 1.5), RangeError);
  });
});

describe('IpAddress.unmapped()', () => {
  it('makes an IPv4-mapped address IPv4', () => {
    const mapped = IpAddress.parse('::ffff:192.0.2.1');
    assert.ok(mapped.isIpv4Mapped);
    assert.equal(mapped.unmapped().family, 'ipv4');
    assert.equal(mapped.unmapped().toString(), '192.0.2.1');
  });

  it('leaves every other address alone', () => {
    const others = ['192.0.2.1', '0.0.255.255', '::192.0.2.1', '::fffe:1.2.3.4', '1::ffff:1.2.3.4'];
    for (const text of [...others, '0:0:1:0:0:ffff:1:2', '64:ff9b::192.0.2.1']) {
      const address = IpAddress.parse(text);
      assert.ok(!address.isIpv4Mapped, text);
      assert.equal(address.unmapped(), address);
    }
  });
});

describe('IpAddress.equals()', () => {
  it('compares what was meant, not how it was written', () => {
    assert.ok(IpAddress.parse('2001:DB8::0').equals(IpAddress.parse('2001:db8:0:0::')));
    assert.ok(!IpAddress.parse('10.0.0.1').equals(IpAddress.parse('10.0.0.2')));
  });

  it('tells the families apart', () => {
    assert.ok(!IpAddress.parse('0.0.0.0').equals(IpAddress.parse('::')));
    assert.ok(!IpAddress.parse('10.0.0.1').equals(IpAddress.parse('::ffff:10.0.0.1')));
  });
});

describe('IpAddress.compare()', () => {
  it('sorts IPv4 first, then by number', () => {
    const texts = ['ff00::', '::2', '255.0.0.0', '9.0.0.0', '::1:0:0:0', '10.0.0.0', '::1:0', '::'];
    const sorted = texts
      .map((text) => IpAddress.parse(text))
      .sort((one, other) => one.compare(other))
      .join(' ');
    assert.equal(sorted, '9.0.0.0 10.0.0.0 255.0.0.0 :: ::2 ::1:0 ::1:0:0:0 ff00::');
  });

  it('agrees with the bytes', () => {
    fc.assert(
      fc.property(anyAddress, anyAddress, (one, other) => {
        fc.pre(one.family === other.family);
        assert.equal(one.compare(other), Buffer.compare(one.toBytes(), other.toBytes()));
        assert.equal(one.equals(other), one.compare(other) === 0);
      }),
    );
  });
});
