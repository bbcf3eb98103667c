// The lines of haproxy's proxy-protocol.txt, section 2.1, and what is no such line.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readTextHeader } from './proxy-header-v1.ts';

/** What comes of a line and bytes that follow it. */
function read(line: string): string {
  const reading = readTextHeader(Buffer.from(`${line}GET /`, 'latin1'));
  if (reading.state === 'incomplete') return 'incomplete';
  if (reading.state === 'faulty') return reading.fault;
  assert.equal(reading.length, line.length);
  const { ends } = reading;
  return ends === undefined ? 'none' : `${String(ends.client)} ${String(ends.local)}`;
}

const LONGEST_ADDRESS = 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff';

describe('a PROXY line', () => {
  const lines: readonly (readonly [line: string, reading: string])[] = [
    [
      'PROXY TCP4 255.255.255.255 255.255.255.254 65535 0\r\n',
      '255.255.255.255:65535 255.255.255.254:0',
    ],
    ['PROXY TCP6 2001:DB8::1 ::1 40000 443\r\n', '[2001:db8::1]:40000 [::1]:443'],
    [
      `PROXY TCP6 ${LONGEST_ADDRESS} ${LONGEST_ADDRESS} 65535 65535\r\n`,
      `[${LONGEST_ADDRESS}]:65535 [${LONGEST_ADDRESS}]:65535`,
    ],
    ['PROXY TCP6 ::ffff:192.0.2.1 ::ffff:198.51.100.1 1 2\r\n', '192.0.2.1:1 198.51.100.1:2'],
    ['PROXY UNKNOWN\r\n', 'none'],
    [`PROXY UNKNOWN ${LONGEST_ADDRESS} ${LONGEST_ADDRESS} 65535 65535\r\n`, 'none'],
    ['PROXY UNKNOWN what ever \0\r\n', 'none'],
  ];
  for (const [line, reading] of lines)
    it(`is read: ${JSON.stringify(line)}`, () => assert.equal(read(line), reading));

  const faults = [
    'PROXY TCP4 192.0.2.1 198.51.100.1 40000 80\n',
    'PROXY TCP4 192.0.2.1 198.51.100.1 40000 80 \r\n',
    'PROXY TCP4  192.0.2.1 198.51.100.1 40000 80\r\n',
    'PROXY  TCP4 192.0.2.1 198.51.100.1 40000 80\r\n',
    'PROXY TCP4 192.0.2.1 198.51.100.1 40000\r\n',
    'PROXY TCP4 192.0.2.1 198.51.100.1 40000 65536\r\n',
    'PROXY TCP4 192.0.2.1 198.51.100.1 040000 80\r\n',
    'PROXY TCP4 192.0.2.1 198.51.100.1 40000 +80\r\n',
    'PROXY TCP4 192.0.2.01 198.51.100.1 40000 80\r\n',
    'PROXY TCP4 ::1 198.51.100.1 40000 80\r\n',
    'PROXY TCP4 192.0.2.1 ::1 40000 80\r\n',
    'PROXY TCP6 192.0.2.1 198.51.100.1 40000 80\r\n',
    'PROXY TCP6 fe80::1%eth0 ::1 40000 80\r\n',
    'PROXY UDP4 192.0.2.1 198.51.100.1 40000 80\r\n',
    'PROXY tcp4 192.0.2.1 198.51.100.1 40000 80\r\n',
    'PROXY UNKNOWNS\r\n',
    'PROXY \r\n',
    'PROXY TCP4 192.0.2.1\r198.51.100.1 40000 80\r\n',
  ];
  for (const line of faults)
    it(`is malformed: ${JSON.stringify(line)}`, () => assert.equal(read(line), 'malformed'));

  it('ends within 107 bytes', () => {
    const room = 107 - 'PROXY UNKNOWN \r\n'.length;
    assert.equal(read(`PROXY UNKNOWN ${'x'.repeat(room)}\r\n`), 'none');
    assert.equal(read(`PROXY UNKNOWN ${'x'.repeat(room + 1)}\r\n`), 'too-long');
    const unended = `PROXY UNKNOWN ${'x'.repeat(200)}`;
    assert.equal(readTextHeader(Buffer.from(unended.slice(0, 106))).state, 'incomplete');
    assert.equal(readTextHeader(Buffer.from(unended.slice(0, 107))).state, 'faulty');
  });
});
