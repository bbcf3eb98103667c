import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { HelloParts } from '../../../test/support/client-hello.ts';
import {
  hello,
  helloBody,
  message,
  number,
  realHello,
  records,
  serverName,
  vector,
} from '../../../test/support/client-hello.ts';
import type { ClientHello } from './client-hello.ts';
import { readClientHello } from './client-hello.ts';

function read(bytes: Uint8Array): ClientHello {
  const reading = readClientHello(bytes);
  assert.equal(reading.kind, 'hello', JSON.stringify(reading));
  return reading.hello;
}

function why(bytes: Uint8Array): string {
  const reading = readClientHello(bytes);
  return reading.kind === 'malformed' ? reading.why : reading.kind;
}

function withExtensions(...extensions: NonNullable<HelloParts['extensions']>): Buffer {
  return hello({ extensions });
}

function list(type: number, contents: string): [number, Buffer] {
  return [type, Buffer.from(contents.replaceAll(' ', ''), 'hex')];
}

function protocols(...names: readonly string[]): [number, Buffer] {
  const vectors = names.map((name) => vector(1, Buffer.from(name, 'latin1')));
  return [16, vector(2, Buffer.concat(vectors))];
}

describe('readClientHello()', () => {
  it('takes a hello apart', () => {
    const made = hello({
      session: Buffer.alloc(32),
      cipherSuites: [0x5a5a, 0x1301, 0xc02b],
      extensions: [
        list(0x0a0a, ''),
        serverName('WWW.Example'),
        list(10, '0006 dada 11ec 001d'),
        protocols('h2', '\x8a\x8a', 'hello'),
        list(43, '06 7a7a 0304 0303'),
        list(42, ''),
        list(0xfe0d, '00'),
        list(41, '0000'),
      ],
    });
    const { extensions, ...rest } = read(made);
    assert.deepEqual(rest, {
      legacyVersion: 0x0303,
      versions: [0x0304, 0x0303],
      cipherSuites: [0x1301, 0xc02b],
      groups: [0x11ec, 0x001d],
      serverName: 'www.example',
      protocols: ['h2', 'hello'],
      hasEncryptedHello: true,
      hasEarlyData: true,
      resumes: true,
    });
    assert.deepEqual(extensions, [0x0a0a, 0, 10, 16, 43, 42, 0xfe0d, 41]);
  });

  it('knows a hello without extensions', () => {
    for (const extensions of [undefined, []]) {
      const { versions, serverName: name, resumes } = read(hello({ extensions, version: 0x0301 }));
      assert.deepEqual([versions, name, resumes], [[0x0301], undefined, false]);
    }
  });

  it('reads what OpenSSL says, with key shares after the quantum computer', async () => {
    const bytes = await realHello({
      servername: 'www.example',
      ALPNProtocols: ['h2', 'http/1.1'],
      ecdhCurve: 'X25519MLKEM768:X25519',
    });
    assert.ok(bytes.length > 1200);
    const one = read(bytes);
    assert.deepEqual([one.serverName, one.protocols], ['www.example', ['h2', 'http/1.1']]);
    assert.deepEqual(one.versions, [0x0304, 0x0303]);
    assert.deepEqual(one.groups, [0x11ec, 0x001d]);
    const old = await realHello({ servername: 'a.example', maxVersion: 'TLSv1.2' });
    assert.deepEqual([read(old).versions, read(old).resumes], [[0x0303], false]);
  });

  it('puts a hello together that comes in many records and many pieces', async () => {
    const bytes = await realHello({ servername: 'www.example' });
    const whole = bytes.subarray(5);
    for (const size of [9, 10, 100, 511]) {
      const cut = records(whole, size);
      assert.equal(read(cut).serverName, 'www.example');
      for (let length = 0; length < cut.length; length += 13)
        assert.equal(why(cut.subarray(0, length)), 'incomplete');
    }
    const reading = readClientHello(Buffer.concat([bytes, Buffer.from('17030300', 'hex')]));
    assert.ok(reading.kind === 'hello' && reading.length === bytes.length);
  });

  it('refuses records that are not of a hello', () => {
    const cases: readonly (readonly [string, Uint8Array])[] = [
      ['a record is no handshake', Buffer.from('GET / HTTP/1.1')],
      ['a record is no handshake', Buffer.from([0x17])],
      ['a record has a version of its own', Buffer.from('160305', 'hex')],
      ['a record has a version of its own', Buffer.from('1602', 'hex')],
      ['a record of the handshake is empty', Buffer.from('1603010000', 'hex')],
      ['a record is too long', Buffer.from('1603014001', 'hex')],
      ['the first message is no ClientHello', records(message(helloBody(), 2))],
      ['the ClientHello is too long', Buffer.from('160301000401008000', 'hex')],
      ['the ClientHello is cut into too many records', records(message(Buffer.alloc(2000)), 1)],
      [
        'more follows the ClientHello in its record',
        records(Buffer.concat([message(helloBody()), Buffer.alloc(1)])),
      ],
      ['incomplete', new Uint8Array(0)],
    ];
    for (const [expected, bytes] of cases) assert.equal(why(bytes), expected);
  });

  it('refuses a body that does not keep to the format', () => {
    const cut = helloBody({ extensions: [serverName('a.example')] });
    const cases: readonly (readonly [string, Uint8Array])[] = [
      ['the ClientHello has a version of its own', hello({ version: 0x0200 })],
      ['the session is too long', hello({ session: Buffer.alloc(33) })],
      ['the list of cipher suites is too short', hello({ cipherSuites: [] })],
      [
        'the list of extensions ends too early',
        records(
          message(
            Buffer.concat([helloBody({ extensions: undefined }), Buffer.from('000100', 'hex')]),
          ),
        ),
      ],
      ['the ClientHello ends too early', records(message(cut.subarray(0, -1)))],
      [
        'the ClientHello has bytes too many',
        records(message(Buffer.concat([cut, Buffer.alloc(1)]))),
      ],
      ['extension 23 comes twice', withExtensions(list(23, ''), list(23, ''))],
      ['pre_shared_key is not the last extension', withExtensions(list(41, ''), list(23, ''))],
      ['supported_versions is too short', withExtensions(list(43, '00'))],
      ['supported_versions has bytes too many', withExtensions(list(43, '02 0304 00'))],
      ['supported_groups ends too early', withExtensions(list(10, '0003 001d00'))],
      ['the name of a protocol is too short', withExtensions(protocols('h2', ''))],
      [
        'there are too many extensions',
        hello({
          extensions: Array.from(
            { length: 129 },
            (_, type) => [1000 + type, Buffer.alloc(0)] as const,
          ),
        }),
      ],
    ];
    for (const [expected, bytes] of cases) assert.equal(why(bytes), expected);
  });

  it('never throws, and says the same of every beginning that is decided', () => {
    const real = hello({ extensions: [serverName('www.example'), list(43, '02 0304')] });
    const changes = fc.array(fc.tuple(fc.nat(real.length - 1), fc.nat(255)), { maxLength: 3 });
    fc.assert(
      fc.property(changes, fc.nat(real.length), (bytes, cut) => {
        const changed = Buffer.from(real);
        for (const [at, byte] of bytes) changed[at] = byte;
        const early = why(changed.subarray(0, cut));
        assert.ok(early === 'incomplete' || early === why(changed));
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (body) => {
        readClientHello(
          records(message(Buffer.concat([number(0x0303, 2), Buffer.alloc(32), body]))),
        );
        readClientHello(
          records(message(Buffer.concat([helloBody({ extensions: undefined }), vector(2, body)]))),
        );
      }),
    );
  });
});
