import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  addressBytes,
  KIND,
  linkBytes,
  netlinkMessage,
  word,
} from '../../test/support/netlink-bytes.ts';
import { IpAddress } from '../address/ip-address.ts';
import { dumpRequest, NetlinkError, parseNetlink } from './netlink-message.ts';

const NOTHING = new Uint8Array();
const NEWS = { sequence: 0, isInterrupted: false };

describe('parseNetlink', () => {
  it('reads an interface: index, name, group, up', () => {
    const link = { type: 'link', change: 'is', index: 7, isUp: true, name: 'eth0', group: 5 };
    assert.deepEqual(parseNetlink(linkBytes({ index: 7, name: 'eth0', group: 5 })), [
      { ...NEWS, ...link },
    ]);
    const down = linkBytes({ index: 7, isUp: false, gone: true });
    assert.deepEqual(parseNetlink(down), [
      { ...NEWS, ...link, change: 'gone', isUp: false, name: undefined, group: undefined },
    ]);
  });

  it('takes no port of a bridge for an interface', () => {
    const AF_BRIDGE = 7;
    const [message] = parseNetlink(
      linkBytes({ index: 7, name: 'eth0', family: AF_BRIDGE, gone: true }),
    );
    assert.equal(message?.type, 'other');
  });

  it('reads addresses of both families, and the own one of two ends', () => {
    const read = (bytes: Uint8Array): string =>
      parseNetlink(bytes)
        .map((one) =>
          one.type === 'address' ? `${one.change} ${String(one.address)} ${one.index}` : '?',
        )
        .join();
    assert.equal(read(addressBytes({ index: 2, address: '192.0.2.1' })), 'is 192.0.2.1 2');
    assert.equal(
      read(addressBytes({ index: 2, address: '2001:db8::1', gone: true })),
      'gone 2001:db8::1 2',
    );
    assert.equal(
      read(addressBytes({ index: 2, address: '192.0.2.1', peer: '192.0.2.2' })),
      'is 192.0.2.1 2',
    );
  });

  it('says which addresses can be listened on', () => {
    const usable = (flags: number): unknown =>
      parseNetlink(addressBytes({ index: 2, address: 'fd00::1', flags })).map(
        (one) => one.type === 'address' && one.isUsable,
      );
    const [permanent, deprecated, tentative, failed, optimistic] = [0x80, 0x20, 0x40, 0x08, 0x44];
    assert.deepEqual([permanent, deprecated, optimistic].map(usable), [[true], [true], [true]]);
    assert.deepEqual([tentative, failed, tentative | failed].map(usable), [
      [false],
      [false],
      [false],
    ]);
  });

  it('reads several messages of one receive, and what ends an answer', () => {
    const bytes = Buffer.concat([
      linkBytes({ index: 1, name: 'lo' }),
      netlinkMessage(KIND.done, word(0), [], { sequence: 9 }),
      netlinkMessage(KIND.error, word(-16), [], { sequence: 10 }),
      netlinkMessage(KIND.overrun, NOTHING),
      netlinkMessage(99, NOTHING, [], { flags: 0x10 }),
    ]);
    const [link, ...rest] = parseNetlink(bytes);
    assert.equal(link?.type, 'link');
    assert.deepEqual(rest, [
      { sequence: 9, isInterrupted: false, type: 'done', errorNumber: 0 },
      { sequence: 10, isInterrupted: false, type: 'error', errorNumber: 16 },
      { ...NEWS, type: 'overrun' },
      { sequence: 0, isInterrupted: true, type: 'other' },
    ]);
  });

  const body = new Uint8Array(16);
  const broken: Readonly<Record<string, Uint8Array>> = {
    'a header is cut off': Uint8Array.of(16, 0, 0),
    'it says 400 bytes': Buffer.concat([word(400), new Uint8Array(12)]),
    'it says 8 bytes': Buffer.concat([word(8), new Uint8Array(12)]),
    'its body is cut off': netlinkMessage(KIND.newLink, new Uint8Array(8)),
    'an attribute is cut off': netlinkMessage(
      KIND.newLink,
      Buffer.concat([body, Uint8Array.of(8, 0)]),
    ),
    'an attribute says 2 bytes': netlinkMessage(KIND.newLink, Buffer.concat([body, word(2)])),
    'an attribute says 80 bytes': netlinkMessage(KIND.newLink, Buffer.concat([body, word(80)])),
    'a number has 2 bytes': netlinkMessage(KIND.newLink, body, [[27, Uint8Array.of(1, 2)]]),
    'an address has 0 bytes': netlinkMessage(
      KIND.newAddress,
      Uint8Array.of(2, 24, 0, 0, 1, 0, 0, 0),
    ),
    'an address has 3 bytes': netlinkMessage(
      KIND.newAddress,
      Uint8Array.of(2, 24, 0, 0, 1, 0, 0, 0),
      [[2, Uint8Array.of(1, 2, 3)]],
    ),
  };
  for (const [text, bytes] of Object.entries(broken))
    it(`refuses what no kernel sends: ${text}`, () => {
      assert.throws(
        () => parseNetlink(bytes),
        (error) => error instanceof NetlinkError && error.message.includes(text),
      );
    });

  it('reads what it wrote, whatever stands around it', () => {
    const octet = fc.nat({ max: 255 });
    const address = fc.oneof(
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
    );
    fc.assert(
      fc.property(address, fc.nat(), octet, fc.nat({ max: 3 }), (bytes, index, flags, before) => {
        const text = String(IpAddress.fromBytes(bytes));
        const written = addressBytes({ index, address: text, flags });
        const [read] = parseNetlink(
          Buffer.concat([new Uint8Array(before * 4), written]).subarray(before * 4),
        );
        assert.equal(
          read?.type === 'address' ? `${String(read.address)} ${read.index}` : '',
          `${text} ${index}`,
        );
      }),
    );
  });

  it('throws nothing but its own error, whatever the bytes', () => {
    const good = fc.constantFrom(
      linkBytes({ index: 7, name: 'eth0', group: 5 }),
      addressBytes({ index: 2, address: '192.0.2.1', peer: '192.0.2.2' }),
      addressBytes({ index: 2, address: '2001:db8::1' }),
      netlinkMessage(KIND.done, word(0)),
    );
    const spoilt = fc
      .tuple(
        fc.array(good, { minLength: 1, maxLength: 3 }),
        fc.nat(),
        fc.nat({ max: 255 }),
        fc.nat(),
      )
      .map(([parts, at, value, end]) => {
        const bytes = Uint8Array.from(Buffer.concat(parts));
        bytes[at % bytes.length] = value;
        return bytes.subarray(0, bytes.length - (end % 3 === 0 ? end % bytes.length : 0));
      });
    const anything = fc.oneof(fc.uint8Array({ maxLength: 200 }), spoilt);
    fc.assert(
      fc.property(anything, (bytes) => {
        try {
          parseNetlink(bytes);
        } catch (error) {
          assert.ok(error instanceof NetlinkError, String(error));
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('dumpRequest', () => {
  it('asks the kernel for all of a kind', () => {
    const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
    assert.equal(
      text(dumpRequest('links', 1)),
      ['20000000', '1200', '0103', '01000000', '00000000', '00'.repeat(16)].join(''),
    );
    assert.equal(
      text(dumpRequest('addresses', 2)),
      ['18000000', '1600', '0103', '02000000', '00000000', '00'.repeat(8)].join(''),
    );
  });
});
