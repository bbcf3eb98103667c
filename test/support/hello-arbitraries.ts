// ClientHellos by chance: those that real clients said, whole, changed and cut into other records, and made ones with
// everything that a hello may have, right and wrong.
import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import fc from 'fast-check';
import { hello, helloBody, message, number, records, serverName, vector } from './client-hello.ts';

const CORPUS = `${import.meta.dirname}/../corpus/client-hello`;
const RECORD_HEAD = 5;

/** What clients have said, by the names of their files without the ending; record-hellos-main.ts adds one. */
export const HELLOS: ReadonlyMap<string, Buffer> = new Map(
  globSync(`${CORPUS}/*.hex`)
    .sort()
    .map((path) => [
      basename(path, '.hex'),
      Buffer.from(readFileSync(path, 'utf8').replace(/\s/g, ''), 'hex'),
    ]),
);

/** The message of a hello that came in one record. */
export function messageOf(bytes: Buffer): Buffer {
  return bytes.subarray(RECORD_HEAD);
}

const recorded = fc.constantFrom(...HELLOS.values());

const names = fc.oneof(
  { weight: 4, arbitrary: fc.domain() },
  fc.domain().map((name) => name.toUpperCase()),
  fc.constantFrom('192.0.2.1', 'a..example', 'a.example.', '.', 'a\0.example', 'b\xfccher.example'),
  fc.constantFrom('_dmarc.example', 'xn--bcher-kva.example', `${'a'.repeat(64)}.example`, '-', '1'),
  fc.constantFrom(
    '127.1',
    '0x7f000001',
    '[2001:db8::1]',
    'a b.example',
    'a.example:443',
    '*.example',
  ),
  fc.string({ minLength: 250, maxLength: 260, unit: fc.constantFrom('a', '.') }),
);
type Extension = readonly [type: number, contents: Buffer];

const nameList = fc.oneof(
  { weight: 8, arbitrary: names.map((name) => serverName(name)[1]) },
  fc.tuple(names, names).map((both) => serverName(...both)[1]),
  // Of a kind that was never defined, alone or behind a name.
  names.map((name) =>
    vector(2, Buffer.concat([number(1, 1), vector(2, Buffer.from(name, 'latin1'))])),
  ),
  names.map((name) => Buffer.concat([serverName(name)[1], Buffer.alloc(1)])),
  fc.constantFrom(Buffer.alloc(0), vector(2, Buffer.alloc(0)), Buffer.from('0003000000', 'hex')),
);
const protocolList = fc
  .array(fc.constantFrom('h2', 'http/1.1', 'spdy/3', '\x1a\x1a', '\xfa\xfa', '', 'a'.repeat(255)), {
    maxLength: 4,
  })
  .map((list) =>
    vector(2, Buffer.concat(list.map((one) => vector(1, Buffer.from(one, 'latin1'))))),
  );

function numbers(sizeOfLength: 1 | 2, ...values: readonly number[]): fc.Arbitrary<Buffer> {
  return fc
    .array(fc.constantFrom(...values, 0x0a0a, 0xfafa), { maxLength: 6 })
    .map((list) => vector(sizeOfLength, Buffer.concat(list.map((value) => number(value, 2)))));
}

/** A key share for each group, of the size that it has: with ML-KEM it takes more than a packet. */
const keyShares = fc
  .subarray([
    [0x0a0a, 1],
    [0x001d, 32],
    [0x11ec, 1216],
    [0x11ed, 1665],
  ] as const)
  .map((shares) =>
    vector(
      2,
      Buffer.concat(
        shares.map(([group, size]) =>
          Buffer.concat([number(group, 2), vector(2, Buffer.alloc(size, 9))]),
        ),
      ),
    ),
  );
const GREASE = [0x0a0a, 0x5a5a, 0xfafa] as const;

const extension: fc.Arbitrary<Extension> = fc.oneof(
  { weight: 6, arbitrary: nameList.map((contents): Extension => [0, contents]) },
  { weight: 3, arbitrary: protocolList.map((contents): Extension => [16, contents]) },
  { weight: 2, arbitrary: numbers(2, 0x001d, 0x0017, 0x11ec).map((list): Extension => [10, list]) },
  { weight: 2, arbitrary: numbers(1, 0x0304, 0x0303).map((list): Extension => [43, list]) },
  keyShares.map((contents): Extension => [51, contents]),
  fc.constantFrom<Extension>([13, Buffer.from('0006040308040807', 'hex')]),
  fc.constantFrom(...GREASE).map((type): Extension => [type, Buffer.alloc(1)]),
  fc.uint8Array({ maxLength: 40 }).map((bytes): Extension => [0xfe0d, Buffer.from(bytes)]), // ECH
  fc
    .constantFrom(23, 35, 41, 42, 21, 0xff01)
    .map((type): Extension => [type, Buffer.alloc(type === 0xff01 ? 1 : 0)]),
);

const CIPHERS = [0x1301, 0x1302, 0xc02b, 0xc02f, 0x0a0a, 0x00ff];

/** Made ones: extensions in any order, some of them more than once, some of them wrong. */
const made = fc
  .record({
    version: fc.constantFrom(0x0303, 0x0303, 0x0303, 0x0301, 0x0200),
    session: fc.constantFrom(0, 32, 33).map((length) => Buffer.alloc(length, 5)),
    cipherSuites: fc.subarray(CIPHERS),
    extensions: fc.option(fc.array(extension, { maxLength: 6 }), { nil: undefined }),
  })
  .map((parts) => hello(parts));

/** A hello that OpenSSL goes on with, but for the names and what else is in it. */
const likely = fc
  .tuple(nameList, protocolList, fc.array(extension, { maxLength: 2 }))
  .map(([list, protocols, more]) =>
    hello({
      cipherSuites: [0x1301, 0xc02b],
      extensions: [
        [0, list],
        [10, Buffer.from('0004001d0017', 'hex')],
        [13, Buffer.from('00080403080408070401', 'hex')],
        [11, Buffer.from('0100', 'hex')],
        ...(protocols.length > 2 ? [[16, protocols] as const] : []),
        ...more,
      ],
    }),
  );

const changes = fc.array(
  fc.record({
    at: fc.nat(),
    byte: fc.nat(255),
    how: fc.constantFrom('change', 'insert', 'remove'),
  }),
  { maxLength: 3 },
);

/** The same with some bytes changed, added or taken out. */
function mutated(source: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> {
  return fc.tuple(source, changes).map(([bytes, list]) => {
    let all = [...bytes];
    for (const { at, byte, how } of list) {
      const place = at % Math.max(1, all.length);
      const taken = how === 'insert' ? 0 : 1;
      all = [
        ...all.slice(0, place),
        ...(how === 'remove' ? [] : [byte]),
        ...all.slice(place + taken),
      ];
    }
    return Buffer.from(all);
  });
}

/** The same message in records of these sizes. */
export function inRecords(bytes: Buffer, sizes: readonly number[]): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = Math.max(1, sizes[turn % sizes.length] ?? bytes.length);
    pieces.push(records(bytes.subarray(at, at + size)));
    at += size;
  }
  return Buffer.concat(pieces);
}

/** Sizes of records. */
export const recordSizes: fc.Arbitrary<readonly number[]> = fc.oneof(
  fc.constantFrom([1], [3], [4], [5], [0x4000]),
  fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 5 }),
);

/** Whatever a client may begin with. */
export const clientBeginnings: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 3, arbitrary: likely },
  { weight: 2, arbitrary: made },
  { weight: 2, arbitrary: mutated(recorded) },
  { weight: 2, arbitrary: mutated(likely) },
  fc
    .tuple(mutated(recorded.map(messageOf)), recordSizes)
    .map(([bytes, sizes]) => inRecords(bytes, sizes)),
  fc.tuple(likely.map(messageOf), recordSizes).map(([bytes, sizes]) => inRecords(bytes, sizes)),
  fc
    .uint8Array({ maxLength: 60 })
    .map((bytes) =>
      records(message(Buffer.concat([helloBody({ extensions: undefined }), vector(2, bytes)]))),
    ),
  fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
);
