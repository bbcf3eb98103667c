// Binary PROXY headers, byte by byte as haproxy's proxy-protocol.txt, section 2.2, lays them out.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readBinaryHeader } from './proxy-header-v2.ts';

const SIGNATURE = '0d0a0d0a000d0a515549540a';
const IPV4 = 'c0000201 c6336401 9c40 0050'; // 192.0.2.1:40000 to 198.51.100.1:80
const IPV6 = '20010db8000000000000000000000001 20010db8000000000000000000000002 9c40 01bb';

/** A header of this command, family and rest, with the length that it has. */
function header(command: string, family: string, rest: string): Buffer {
  const body = Buffer.from(rest.replaceAll(' ', ''), 'hex');
  const length = body.length.toString(16).padStart(4, '0');
  return Buffer.concat([Buffer.from(`${SIGNATURE}${command}${family}${length}`, 'hex'), body]);
}

/** What comes of a header and bytes that follow it. */
function read(bytes: Buffer): string {
  const reading = readBinaryHeader(Buffer.concat([bytes, Buffer.from('GET /')]), 4096);
  if (reading.state === 'incomplete') return 'incomplete';
  if (reading.state === 'faulty') return reading.fault;
  assert.equal(reading.length, bytes.length);
  const { ends } = reading;
  return ends === undefined ? 'none' : `${String(ends.client)} ${String(ends.local)}`;
}

describe('a binary PROXY header', () => {
  const headers: readonly (readonly [string, Buffer, string])[] = [
    ['TCP over IPv4', header('21', '11', IPV4), '192.0.2.1:40000 198.51.100.1:80'],
    ['TCP over IPv6', header('21', '21', IPV6), '[2001:db8::1]:40000 [2001:db8::2]:443'],
    [
      'IPv4-mapped addresses',
      header('21', '21', `${'0'.repeat(20)}ffffc0000201 ${'0'.repeat(20)}ffffc6336401 0001 0002`),
      '192.0.2.1:1 198.51.100.1:2',
    ],
    ['a connection of the sender', header('20', '00', ''), 'none'],
    ['a connection of the sender, whatever else it says', header('20', 'ff', 'ffff'), 'none'],
    ['a connection that is not specified', header('21', '00', ''), 'none'],
    ['a connection that is not specified, whatever follows', header('21', '00', 'ffff'), 'none'],
    ['UDP over IPv4', header('21', '12', IPV4), 'unsupported'],
    ['UDP over IPv6', header('21', '22', IPV6), 'unsupported'],
    ['a stream of Unix', header('21', '31', '00'.repeat(216)), 'unsupported'],
    ['datagrams of Unix', header('21', '32', '00'.repeat(216)), 'unsupported'],
    ['a family that is none', header('21', '41', IPV4), 'malformed'],
    ['a family without a protocol', header('21', '10', IPV4), 'malformed'],
    ['a command that is none', header('22', '11', IPV4), 'malformed'],
    ['version 1', header('11', '11', IPV4), 'malformed'],
    ['IPv4 without its last byte', header('21', '11', IPV4.slice(0, -2)), 'malformed'],
    ['IPv6 with the addresses of IPv4', header('21', '21', IPV4), 'malformed'],
    ['more than may come', header('20', '00', '00'.repeat(4081)), 'too-long'],
    ['all that may come', header('20', '00', '00'.repeat(4080)), 'none'],
  ];
  for (const [what, bytes, reading] of headers)
    it(`is read: ${what}`, () => assert.equal(read(bytes), reading));

  it('is waited for to its last byte, and refused as soon as it is known to be too long', () => {
    const bytes = header('21', '11', `${IPV4} 040001ff`);
    for (let length = 12; length < bytes.length; length++)
      assert.equal(readBinaryHeader(bytes.subarray(0, length), 4096).state, 'incomplete');
    const long = readBinaryHeader(header('21', '11', '00'.repeat(5000)).subarray(0, 16), 4096);
    assert.equal(long.state, 'faulty');
  });

  const extended = '192.0.2.1:40000 198.51.100.1:80';
  const extensions: readonly (readonly [string, string, string])[] = [
    ['one that is empty', '04 0000', extended],
    ['several', '01 0002 6832 04 0003 000000 ea 0001 01', extended],
    ['one that is longer than the header', '04 0002 00', 'malformed'],
    ['one without all of its length', '04 00', 'malformed'],
    ['one without its length', '04', 'malformed'],
    ['a checksum that is too short', '03 0003 000000', 'malformed'],
    ['a checksum that is wrong', '03 0004 00000000', 'checksum'],
  ];
  for (const [what, bytes, reading] of extensions)
    it(`has extensions: ${what}`, () =>
      assert.equal(read(header('21', '11', `${IPV4} ${bytes}`)), reading));

  it('has a checksum over all of it, in which itself counts as zeros', () => {
    // Computed bit by bit by another program, which gives 0xe3069283 for 123456789.
    const right = header('21', '11', `${IPV4} 03 0004 e4e8e1e8 04 0001 00`);
    assert.equal(read(right), extended);
    const typeAt = 28; // of another type it is no checksum
    for (let at = 16; at < right.length; at++) {
      if (at === typeAt) continue;
      const wrong = Buffer.from(right);
      wrong[at] = (wrong[at] ?? 0) ^ 1;
      assert.notEqual(read(wrong), extended, `byte ${at}`);
    }
    const twice = `${IPV4} 03 0004 00000000 03 0004 00000000`;
    assert.equal(read(header('21', '11', twice)), 'malformed');
  });
});
