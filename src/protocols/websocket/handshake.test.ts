import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HandshakeFields } from './handshake.ts';
import { acceptOf, checkAnswer, readHandshake } from './handshake.ts';

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';

/** Fields of these names and values; a value with `|` is two fields. */
function fields(values: Readonly<Record<string, string>>): HandshakeFields {
  return {
    getAll: (name) => values[name]?.split('|') ?? [],
  };
}

const GOOD = { 'sec-websocket-version': '13', 'sec-websocket-key': KEY };

describe('acceptOf()', () => {
  // RFC 6455, 1.3.
  it('answers the key of the standard', () => {
    assert.equal(acceptOf(KEY), ACCEPT);
  });
});

describe('readHandshake()', () => {
  it('reads what is asked for', () => {
    assert.deepEqual(readHandshake('GET', fields(GOOD)), {
      key: KEY,
      protocols: [],
      extensions: [],
    });
    const asked = fields({
      ...GOOD,
      'sec-websocket-protocol': 'chat, superchat|other',
      'sec-websocket-extensions': 'permessage-deflate; client_max_window_bits=15; x="y", foo',
    });
    assert.deepEqual(readHandshake('GET', asked), {
      key: KEY,
      protocols: ['chat', 'superchat', 'other'],
      extensions: ['permessage-deflate', 'foo'],
    });
  });

  const bad: readonly (readonly [string, Readonly<Record<string, string>>, string?])[] = [
    ['bad-websocket-request', GOOD, 'POST'],
    ['websocket-version', { 'sec-websocket-key': KEY }],
    ['websocket-version', { ...GOOD, 'sec-websocket-version': '8' }],
    ['websocket-version', { ...GOOD, 'sec-websocket-version': '13|13' }],
    ['bad-websocket-request', { 'sec-websocket-version': '13' }],
    ['bad-websocket-request', { ...GOOD, 'sec-websocket-key': `${KEY}|${KEY}` }],
    ['bad-websocket-request', { ...GOOD, 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ=' }],
    ['bad-websocket-request', { ...GOOD, 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZR==' }],
    ['bad-websocket-request', { ...GOOD, 'sec-websocket-key': 'c2hvcnQ=' }],
    ['bad-websocket-request', { ...GOOD, 'sec-websocket-protocol': 'a b' }],
    ['bad-websocket-request', { ...GOOD, 'sec-websocket-protocol': 'a, a' }],
    ['bad-websocket-request', { ...GOOD, 'sec-websocket-extensions': 'a; =' }],
  ];
  for (const [rule, values, method = 'GET'] of bad)
    it(`refuses ${method} ${JSON.stringify(values)}`, () => {
      const expected = { code: `http.${rule}`, side: 'client' };
      assert.throws(() => readHandshake(method, fields(values)), expected);
    });
});

describe('checkAnswer()', () => {
  const asked = { key: KEY, protocols: ['chat'], extensions: ['foo'] };
  const accepts = { 'sec-websocket-accept': ACCEPT };

  it('takes what was offered, or less', () => {
    checkAnswer(asked, fields(accepts));
    const all = { 'sec-websocket-protocol': 'chat', 'sec-websocket-extensions': 'foo; x=1' };
    checkAnswer(asked, fields({ ...accepts, ...all }));
  });

  const bad = [
    {},
    { 'sec-websocket-accept': KEY },
    { 'sec-websocket-accept': `${ACCEPT}|${ACCEPT}` },
    { ...accepts, 'sec-websocket-protocol': 'other' },
    { ...accepts, 'sec-websocket-protocol': 'Chat' },
    { ...accepts, 'sec-websocket-protocol': 'chat|chat' },
    { ...accepts, 'sec-websocket-extensions': 'permessage-deflate' },
    { ...accepts, 'sec-websocket-extensions': 'foo, foo' },
    { ...accepts, 'sec-websocket-extensions': 'foo; =' },
  ];
  for (const values of bad)
    it(`refuses ${JSON.stringify(values)}`, () => {
      assert.throws(() => checkAnswer(asked, fields(values)), {
        code: 'http.bad-websocket-answer',
        side: 'server',
      });
    });
});
