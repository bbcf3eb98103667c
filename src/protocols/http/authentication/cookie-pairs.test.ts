import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { takeCookie } from './cookie-pairs.ts';

describe('takeCookie()', () => {
  // As in the original; the name to remove is t.
  const vectors: readonly (readonly [field: string, rest: string | undefined])[] = [
    ['', ''],
    ['u=1', 'u=1'],
    ['t=9', undefined],
    ['u=1; t=9', 'u=1'],
    ['t=; u=1', 'u=1'],
    ['u=1; t=', 'u=1'],
    ['u=1; t=9; v=2', 'u=1; v=2'],
    ['u=1; t=; v=2', 'u=1; v=2'],
    ['u=1; t=9; w=; v=2', 'u=1; w=; v=2'],
    ['u=1; t=9; u=2; u=3', 'u=1; u=2; u=3'],
    ['u=1 t=9', 'u=1 t=9'],
    ['t=9; u=1;', 'u=1;'],
    ['u=1; t=9 ', 'u=1'],
  ];
  // The original knows `; ` only: others' readers would find the cookie in what it leaves of the first three.
  const differences: typeof vectors = [
    ['u=1;t=9', 'u=1'],
    ['u=1;t=9;v=2; t=8', 'u=1;v=2'],
    ['u=1;\tt =9', 'u=1'],
    ['t=;u=1', 'u=1'],
    ['u=1; t=9;', 'u=1;'],
  ];
  for (const [field, rest] of [...vectors, ...differences])
    it(`makes ${JSON.stringify(rest)} of ${JSON.stringify(field)}`, () => {
      assert.equal(takeCookie(field, 't').rest, rest);
    });

  it('leaves all other bytes as they are', () => {
    const others = [
      'SID=AB/cd+ef.gh-ij==; HSID=A=B; _ga=GA1.2.3-4; NID=511=x/y+z; a=',
      'csrf-token=q.w-e+r/t==; theme=dark; tz=Europe/Budapest; T=9',
    ];
    const field = `${others[0] ?? ''}; t=secret/=+; ${others[1] ?? ''}`;
    assert.deepEqual(takeCookie(field, 't'), {
      values: ['secret/=+'],
      rest: others.join('; '),
    });
  });

  it('gives all values of the name', () => {
    assert.deepEqual(takeCookie('t=1; u=2; t=3', 't').values, ['1', '3']);
    assert.deepEqual(takeCookie('tt=1', 't').values, []);
  });
});
