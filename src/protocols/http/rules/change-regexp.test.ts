import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { asked, GET, OK, page } from '../../../../test/support/http-dialogue.ts';
import {
  disconnect,
  end,
  received,
  release,
  send,
  sendLike,
} from '../../../../test/support/playbook.ts';
import { faultsOf } from '../../../proxy/policy-fault.ts';
import { changeRegexp, isRegexpChange } from './change-regexp.ts';

const MOVED = OK.replace('\r\n', '\r\nLocation: http://intranet.example/a\r\n');

describe('changeRegexp()', () => {
  const cases: [pattern: string, replacement: string, value: string, expected: string][] = [
    ['b+', 'x', 'abba', 'axa'],
    ['b', '', 'abba', 'aa'],
    ['(\\w)=(\\w)', '$2=$1', 'a=b, c=d', 'b=a, d=c'],
    ['(?P<year>\\d{4})', '<$<year>>', 'in 2026', 'in <2026>'],
    ['a', '[$&]$$1', 'a', '[a]$1'],
    ['(a)|(b)', '$2.', 'ab', '.b.'],
    ['^', '> ', 'a', '> a'],
    ['$', ' ', 'a', 'a'],
    ['x*', '-', 'ab', '-a-b-'],
    ['z', 'x', 'abba', 'abba'],
    ['A', 'x', 'a', 'a'],
    ['.*', '', 'a', ''],
    ['\\xe9', 'e', 'caf\xe9', 'cafe'],
  ];
  for (const [pattern, replacement, value, expected] of cases)
    it(`makes ${JSON.stringify(expected)} of ${value} with ${pattern}`, () => {
      const made = changeRegexp(pattern, replacement);
      assert.deepEqual(faultsOf(made), []);
      assert.equal(made.apply(value), expected);
    });

  it('ignores case where it is told to', () => {
    assert.equal(changeRegexp('A', 'x', { ignoreCase: true }).apply('aA'), 'xx');
  });

  it('takes no longer for blanks within a value than for other characters', () => {
    const change = changeRegexp('^a', 'b');
    const timed = (filling: string): number => {
      const value = `a${filling.repeat(60_000)}z`;
      const startedAt = performance.now();
      assert.equal(change.apply(value), `b${value.slice(1)}`);
      return performance.now() - startedAt;
    };
    timed('x'); // what is run for the first time is slow
    assert.ok(timed(' ') < timed('x') + 500);
  });

  it('changes fields of a head', () => {
    const responseHeader = { Location: changeRegexp('^http://(intranet\\.)', 'https://$1') };
    asked(GET, { responseHeader })
      .when(received('server', MOVED))
      .expect(send('client', MOVED.replace('http:', 'https:')), release('client'));
  });

  it('is what a function may give', () => {
    const change = changeRegexp('http:', 'https:');
    asked(GET, { responseHeader: { Location: () => change } })
      .when(received('server', MOVED))
      .expect(send('client', MOVED.replace('http:', 'https:')), release('client'));
  });

  it('never makes what is no field', () => {
    for (const change of [
      changeRegexp('/', '\r\nSet-Cookie: a'),
      changeRegexp('', 'x'),
      { ...changeRegexp('a', 'b'), apply: () => '\r\n' },
    ])
      asked(GET, { responseHeader: { Location: () => change } })
        .when(received('server', MOVED))
        .expect(
          disconnect(),
          sendLike('client', page(500, 'policy.invalid-result')),
          release('client'),
          end('client'),
        );
  });

  it('makes no megabytes of a long value', () => {
    const change = changeRegexp('a', 'b'.repeat(1_000));
    assert.throws(() => change.apply('a'.repeat(8_000)), /at most 65536 characters/);
  });

  const faulty: [pattern: unknown, replacement: unknown, path: string, cure: RegExp][] = [
    ['(', '', 'pattern', /missing closing/],
    ['', '', 'pattern', /empty pattern/],
    [/a/, '', 'pattern', /as a text/],
    ['(a)', '$2', 'replacement', /\$2 is no group/],
    ['(a)', '$<b>', 'replacement', /\$<b> is no group/],
    ['(a)', '$', 'replacement', /write \$\$/],
    ['(a)', "$'", 'replacement', /write \$\$/],
    ['a', 'x'.repeat(1_001), 'replacement', /at most 1000/],
    ['a', 'b\r\n', 'replacement', /without control characters/],
    ['a', '\u017e', 'replacement', /Latin-1/],
  ];
  for (const [pattern, replacement, path, cure] of faulty)
    it(`does not take ${String(pattern)} and ${String(replacement).slice(0, 9)}`, () => {
      const made = changeRegexp(pattern as string, replacement as string);
      const [fault] = faultsOf(made);
      assert.equal(fault?.path, path);
      assert.match(fault.cure, cure);
      assert.equal(isRegexpChange(made), true);
    });
});
