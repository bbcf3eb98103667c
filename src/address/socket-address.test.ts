import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { IpAddress } from './ip-address.ts';
import { SocketAddress } from './socket-address.ts';

const SHAPE = 'write address and port, as in 192.0.2.1:80 or [2001:db8::1]:80';

function messageOf(text: string): string {
  try {
    SocketAddress.parse(text);
  } catch (error) {
    assert.ok(error instanceof SyntaxError);
    return error.message;
  }
  return 'no error';
}

describe('SocketAddress.parse()', () => {
  it('reads both families', () => {
    const ipv4 = SocketAddress.parse('192.0.2.1:80');
    assert.equal(ipv4.address.toString(), '192.0.2.1');
    assert.equal(ipv4.port, 80);
    const ipv6 = SocketAddress.parse('[2001:DB8::1]:65535');
    assert.equal(ipv6.address.toString(), '2001:db8::1');
    assert.equal(ipv6.port, 65_535);
  });

  it('reads back what toString() writes', () => {
    const addressText = fc.oneof(fc.ipV4(), fc.ipV6());
    fc.assert(
      fc.property(addressText, fc.nat(65_535), (text, port) => {
        const address = SocketAddress.of(text, port);
        assert.deepEqual(SocketAddress.parse(address.toString()), address);
      }),
    );
  });

  it('refuses a bad port, and names value and cure', () => {
    for (const port of ['', '65536', '080', '+80', '-1', ' 80', '80 ', 'http']) {
      assert.equal(
        messageOf(`1.2.3.4:${port}`),
        `Cannot parse socket address "1.2.3.4:${port}": port must be 0-65535, without sign or leading zeros`,
      );
    }
  });

  it('refuses IPv6 without brackets, and shows where they go', () => {
    assert.equal(
      messageOf('2001:db8::1:80'),
      'Cannot parse socket address "2001:db8::1:80": write the address in brackets and add the port, as in [2001:db8::1:80]:80',
    );
  });

  it('says what is missing behind brackets, and what is too much before the address', () => {
    assert.match(messageOf('[::1]'), /: add the port, as in \[::1\]:80$/);
    assert.match(messageOf('http://1.2.3.4:80'), /: leave out http:\/\/$/);
  });

  it('refuses what has not the shape', () => {
    for (const text of ['', '80', '1.2.3.4', '[1.2.3.4]:80', '1:2:3:4:5:6:7:8:80', '[]']) {
      assert.equal(
        messageOf(text),
        `Cannot parse socket address ${JSON.stringify(text)}: ${SHAPE}`,
      );
    }
  });

  it('refuses a bad address, with the cure for it', () => {
    assert.match(messageOf('01.2.3.4:80'), /write each number without leading zeros$/);
    assert.match(messageOf('1.2.3:80'), /write four decimal numbers, as in 192\.0\.2\.1$/);
    for (const name of ['www.example:80', 'localhost:80', '1.2.3.example.:80'])
      assert.match(messageOf(name), /write the address in the place of the name: names are not/);
    assert.match(messageOf('[fe80::1%eth0]:80'), /leave out the zone id$/);
    assert.match(messageOf('[::1:80'), /leave out the brackets$/);
    assert.match(messageOf('[[::1]]:80'), /leave out the brackets$/);
  });
});

describe('SocketAddress.tryParse()', () => {
  it('is parse() without the error', () => {
    assert.equal(SocketAddress.tryParse('[::1]:80')?.toString(), '[::1]:80');
    assert.equal(SocketAddress.tryParse('::1:80'), undefined);
  });
});

describe('SocketAddress.of()', () => {
  it('takes an address or its text', () => {
    const address = IpAddress.parse('10.0.0.1');
    assert.equal(SocketAddress.of(address, 0).address, address);
    assert.equal(SocketAddress.of('10.0.0.1', 0).toString(), '10.0.0.1:0');
    assert.throws(() => SocketAddress.of('10.0.0', 80), SyntaxError);
  });

  it('refuses what is no port', () => {
    for (const port of [-1, 65_536, 1.5, Number.NaN]) {
      assert.throws(() => SocketAddress.of('10.0.0.1', port), {
        name: 'RangeError',
        message: `Cannot use port ${port}: give an integer of 0 to 65535`,
      });
    }
  });
});

describe('SocketAddress.withPort()', () => {
  it('changes the port of a copy', () => {
    const address = SocketAddress.parse('10.0.0.1:80');
    assert.equal(address.withPort(443).toString(), '10.0.0.1:443');
    assert.equal(address.toString(), '10.0.0.1:80');
    assert.throws(() => address.withPort(65_536), RangeError);
  });
});

describe('SocketAddress.equals()', () => {
  it('compares address and port', () => {
    const address = SocketAddress.parse('[::1]:80');
    assert.ok(address.equals(SocketAddress.parse('[0:0::1]:80')));
    assert.ok(!address.equals(SocketAddress.parse('[::1]:81')));
    assert.ok(!address.equals(SocketAddress.parse('[::2]:80')));
  });
});
