import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { anyByte } from '../../../test/support/arbitraries.ts';
import { Violation } from '../../proxy/violation.ts';
import type { RequestLimits } from './finger-request.ts';
import { isRequest, readRequest, writeRequest } from './finger-request.ts';
import type { FingerRequest } from './settings.ts';

const LIMITS: RequestLimits = {
  maxHopCount: 'unlimited',
  maxHostnameLength: 30,
  maxUsernameLength: 8,
  strictUsernameCheck: true,
};

function read(
  line: string,
  limits: Partial<RequestLimits> = {},
  mayNameServer = false,
): FingerRequest {
  return readRequest(line, { ...LIMITS, ...limits }, mayNameServer);
}

function codeOf(line: string, limits: Partial<RequestLimits> = {}): string | undefined {
  try {
    read(line, limits);
    return undefined;
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    return error.code;
  }
}

describe('readRequest()', () => {
  // RFC 1288, 2.3.
  it('reads every form of the protocol', () => {
    const plain = { isDetailed: false, username: '', hostnames: [], server: undefined };
    assert.deepEqual(read(''), plain);
    assert.deepEqual(read('/W'), { ...plain, isDetailed: true });
    assert.deepEqual(read('root'), { ...plain, username: 'root' });
    assert.deepEqual(read(' /w   root '), { ...plain, isDetailed: true, username: 'root' });
    assert.deepEqual(read('@a.example'), { ...plain, hostnames: ['a.example'] });
    assert.deepEqual(read('/W root@a.example@2001:db8::1'), {
      ...{ isDetailed: true, username: 'root', server: undefined },
      hostnames: ['a.example', '2001:db8::1'],
    });
  });

  it('cuts hosts from the first surplus @', () => {
    const hostsOf = (maxHopCount: RequestLimits['maxHopCount']) =>
      read('root@a@b@c', { maxHopCount }).hostnames;
    assert.deepEqual(hostsOf(0), []);
    assert.deepEqual(hostsOf(2), ['a', 'b']);
    assert.deepEqual(hostsOf('unlimited'), ['a', 'b', 'c']);
  });

  it('takes the last host for the server where the router lets it, and counts the others', () => {
    const request = read('root@a@b@c', { maxHopCount: 1 }, true);
    assert.equal(request.server, 'c');
    assert.deepEqual(request.hostnames, ['a']);
    assert.equal(read('root', {}, true).server, undefined);
  });

  it('gives what nobody can change', () => {
    const request = read('root@a');
    assert.ok(Object.isFrozen(request) && Object.isFrozen(request.hostnames));
  });

  it('keeps users to letters, digits and _ . - unless told otherwise', () => {
    for (const name of ['a+b', 'a b', 'a/b', 'caf\xe9']) {
      assert.equal(codeOf(name), 'finger.bad-username');
      assert.equal(codeOf(name, { strictUsernameCheck: false }), undefined);
    }
    assert.equal(codeOf('A_b.c-9'), undefined);
  });

  it('refuses names that servers would take for something else', () => {
    for (const strictUsernameCheck of [true, false]) {
      for (const name of ['-l', '/etc', '/Wroot', '/W /W'])
        assert.equal(codeOf(name, { strictUsernameCheck }), 'finger.bad-username');
      for (const line of ['a\rb', 'a\tb', 'a\0', 'a\u001b[2J', 'a\x7f'])
        assert.equal(codeOf(line, { strictUsernameCheck }), 'finger.control-character');
    }
  });

  it('refuses hosts that are none', () => {
    for (const line of ['root@', '@', 'root@@a', 'root@-a', 'root@.a', 'root@a b', 'root@a/b'])
      assert.equal(codeOf(line), 'finger.bad-hostname');
    // Also where the host would be cut.
    assert.equal(codeOf('root@a@', { maxHopCount: 0 }), 'finger.bad-hostname');
  });

  it('refuses what is too long', () => {
    assert.equal(codeOf('12345678'), undefined);
    assert.equal(codeOf('123456789'), 'finger.username-too-long');
    assert.equal(codeOf(`@${'h'.repeat(30)}`), undefined);
    assert.equal(codeOf(`@${'h'.repeat(31)}`), 'finger.hostname-too-long');
  });
});

describe('writeRequest()', () => {
  it('writes the canonical form', () => {
    const written = (line: string) => writeRequest(read(line));
    assert.equal(written('  /w    root@a '), '/W root@a');
    assert.equal(written('/W @a'), '/W @a');
    assert.equal(written('/w '), '/W');
    assert.equal(written(''), '');
  });

  it('writes what reads back as the same, whatever was read', () => {
    const part = fc.oneof(
      fc.constantFrom('/W', ' ', '@', 'root', 'a.example', '-', '/'),
      fc.string({ unit: anyByte, maxLength: 4 }),
    );
    const line = fc.array(part, { maxLength: 8 }).map((parts) => parts.join(''));
    let count = 0;
    fc.assert(
      fc.property(line, fc.boolean(), (text, strictUsernameCheck) => {
        const limits = { strictUsernameCheck, maxUsernameLength: 100 };
        if (codeOf(text, limits) !== undefined) return;
        const request = read(text, limits);
        assert.ok(isRequest(request));
        assert.deepEqual(read(writeRequest(request), limits), request);
        count++;
      }),
      { numRuns: 1000 },
    );
    assert.ok(count > 50, `only ${count} of the lines were requests`);
  });
});

describe('isRequest()', () => {
  it('is false for what cannot be written', () => {
    const request = { isDetailed: false, username: 'a', hostnames: ['b'], server: undefined };
    assert.ok(isRequest(request));
    assert.ok(isRequest({ ...request, username: 'longer than clients may', server: 'c' }));
    const wrong = [
      ...[undefined, null, 'root', {}],
      { ...request, isDetailed: 1 },
      ...['a@b', 'a\r\nb', '-l', ' a', '\u0100'].map((username) => ({ ...request, username })),
      ...[undefined, ['a@b'], [''], [1]].map((hostnames) => ({ ...request, hostnames })),
      ...['', 'a b', 1].map((server) => ({ ...request, server })),
    ];
    for (const value of wrong) assert.ok(!isRequest(value), JSON.stringify(value));
  });
});
