// The beginnings of TLS under laws of their own: whatever a client says, in whatever pieces and records, its hello is read in
// one way, early and within bounds, and the detectors make the same of it.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { HelloReading } from '../../src/protocols/tls/client-hello.ts';
import { readClientHello } from '../../src/protocols/tls/client-hello.ts';
import { sniDetector } from '../../src/protocols/tls/sni-detector.ts';
import { tlsDetector } from '../../src/protocols/tls/tls-detector.ts';
import type { Detector } from '../../src/proxy/detector.ts';
import { MAX_DETECTED_BYTES } from '../../src/proxy/detection-race.ts';
import {
  clientBeginnings,
  HELLOS,
  inRecords,
  messageOf,
  recordSizes,
} from '../support/hello-arbitraries.ts';
import { tryAll } from './run-law.ts';

/** Who asks for which server, and what it offers to speak, by the name of its file. */
const SAID: Readonly<Record<string, readonly [name: string | undefined, ...string[]]>> = {
  chromium: ['chromium.example', 'h2', 'http/1.1'],
  'curl-openssl': ['curl.example', 'h2', 'http/1.1'],
  'curl-tls-1.2': ['curl.example', 'http/1.1'],
  'curl-without-name': [undefined, 'h2', 'http/1.1'],
  git: ['localhost', 'h2', 'http/1.1'],
  gnutls: ['gnutls.example', 'h2'],
  go: ['go.example', 'h2', 'http/1.1'],
  java: ['java.example'],
  ncat: ['ncat.example'],
  node: ['node.example', 'h2', 'http/1.1'],
  'node-post-quantum': ['node.example', 'h2'],
  'openssl-tls-1.0': ['openssl.example'],
  'openssl-tls-1.2': ['openssl.example'],
  'openssl-tls-1.3': ['openssl.example', 'h2', 'http/1.1'],
  'openssl-without-name': [undefined],
  python: ['python.example', 'http/1.1'],
  wget: ['localhost'],
};

const any = sniDetector({ serverName: () => true });
const clear = sniDetector({ serverName: () => true, permitEncryptedHello: false });
const DETECTORS: readonly Detector[] = [any, clear, tlsDetector()];

/** Reads a copy, so that nothing can hide in the bytes, and makes sure that they stay as they are. */
function read(bytes: Uint8Array): HelloReading {
  const copy = Uint8Array.from(bytes);
  const reading = readClientHello(copy);
  assert.ok(Buffer.from(bytes).equals(copy), 'it changes what it reads');
  return reading;
}

/** Where the pieces of a connection end that are looked at: all of them for what is short. */
function ends(bytes: Uint8Array, step: number): number[] {
  const count = bytes.length <= 300 ? bytes.length : Math.ceil(bytes.length / step);
  return Array.from({ length: count + 1 }, (_, index) =>
    Math.min(bytes.length, Math.round((index * bytes.length) / count)),
  );
}

const steps = fc.integer({ min: 7, max: 97 });

describe('the hello of a client', () => {
  it('is read as the programs meant it', () => {
    assert.deepEqual([...HELLOS.keys()].sort(), Object.keys(SAID).sort());
    for (const [file, bytes] of HELLOS) {
      const reading = read(bytes);
      assert.ok(reading.kind === 'hello' && reading.length === bytes.length, file);
      const { serverName, protocols } = reading.hello;
      assert.deepEqual([serverName, ...protocols], SAID[file], file);
    }
    const chromium = read(HELLOS.get('chromium') ?? Buffer.alloc(0));
    assert.ok(chromium.kind === 'hello' && chromium.hello.hasEncryptedHello);
    assert.deepEqual(chromium.hello.groups[0], 0x11ec); // X25519MLKEM768, behind GREASE
  });

  it('is not decided at any byte before its last, and the same in any records', () => {
    for (const [file, bytes] of HELLOS) {
      const whole = read(bytes);
      assert.equal(whole.kind, 'hello');
      for (let end = 0; end < bytes.length; end++) {
        assert.equal(read(bytes.subarray(0, end)).kind, 'incomplete', `${file} up to ${end}`);
        const sent = messageOf(bytes);
        if (end === 0 || end >= sent.length) continue;
        const cut = read(inRecords(sent, [end, sent.length]));
        assert.ok(cut.kind === 'hello');
        assert.deepEqual(cut.hello, whole.hello, `${file} cut at ${end}`);
      }
    }
  });

  it('is read or refused, the same each time, and never otherwise with what follows', () => {
    tryAll(
      fc.tuple(clientBeginnings, steps, fc.uint8Array({ maxLength: 20 })),
      ([bytes, step, more]) => {
        const whole = read(bytes);
        assert.deepEqual(read(bytes), whole);
        for (const end of ends(bytes, step)) {
          const early = read(bytes.subarray(0, end));
          if (early.kind !== 'incomplete') assert.deepEqual(early, whole);
        }
        if (whole.kind === 'incomplete') return;
        assert.deepEqual(read(Buffer.concat([bytes, more])), whole);
        if (whole.kind === 'hello') assert.ok(whole.length <= bytes.length);
      },
    );
  });

  it('is the same however it is cut into records', () => {
    tryAll(fc.tuple(clientBeginnings, recordSizes), ([bytes, sizes]) => {
      const whole = read(bytes);
      if (whole.kind !== 'hello' || whole.length !== bytes.length) return;
      const sent = joined(bytes);
      const cut = read(inRecords(sent, sizes));
      const isTooMany = Math.ceil((sent.length * sizes.length) / sum(sizes)) > 250;
      if (!isTooMany || cut.kind === 'hello')
        assert.deepEqual(cut.kind === 'hello' ? cut.hello : cut, whole.hello);
    });
  });

  it('is decided within the bytes that are looked at, however long a client goes on', () => {
    tryAll(
      fc.tuple(clientBeginnings, fc.uint8Array({ minLength: 1, maxLength: 9 })),
      ([bytes, piece]) => {
        const rest = Buffer.alloc(MAX_DETECTED_BYTES, piece);
        assert.notEqual(read(Buffer.concat([bytes, rest])).kind, 'incomplete');
      },
    );
    const longest = Buffer.concat([
      Buffer.from('01007ffc', 'hex'),
      Buffer.alloc(MAX_DETECTED_BYTES),
    ]);
    for (const size of [1, 30, 33, 16_384])
      assert.notEqual(read(inRecords(longest, [size])).kind, 'incomplete');
  });

  it('costs little at each byte, in however many records it comes', () => {
    const hello = inRecords(
      Buffer.concat([Buffer.from('01007d00', 'hex'), Buffer.alloc(32_000)]),
      [32],
    );
    const start = process.cpuUsage();
    for (let end = 0; end < hello.length; end += 4) readClientHello(hello.subarray(0, end));
    // It takes some 50 ms of the processor; what allocates for each record takes seconds.
    assert.ok(process.cpuUsage(start).user < 1_000_000);
  });
});

describe('the detectors of TLS', () => {
  it('make one thing of a beginning, in whatever pieces it comes, and know each other', () => {
    tryAll(fc.tuple(clientBeginnings, steps), ([bytes, step]) => {
      for (const detector of DETECTORS) {
        const last = detector.detect('client', bytes, { isComplete: true });
        assert.notEqual(last, 'undecided');
        for (const end of ends(bytes, step)) {
          const early = detector.detect('client', bytes.subarray(0, end), { isComplete: false });
          if (early !== 'undecided') assert.equal(early, last);
        }
        assert.equal(detector.detect('server', bytes, { isComplete: false }), 'no-match');
      }
      const [byName, inClear, byTls] = DETECTORS.map((one) =>
        one.detect('client', bytes, { isComplete: true }),
      );
      if (inClear === 'match') assert.equal(byName, 'match');
      if (byName === 'match') assert.equal(byTls, 'match');
      const reading = read(bytes);
      const isNamed = reading.kind === 'hello' && reading.hello.serverName !== undefined;
      assert.equal(byName === 'match', isNamed, 'who cannot be read has no name');
    });
  });
});

/** What is in the records of a hello. */
function joined(bytes: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readUInt16BE(at + 3);
    pieces.push(bytes.subarray(at + 5, at + 5 + length));
    at += 5 + length;
  }
  return Buffer.concat(pieces);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
