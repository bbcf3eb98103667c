import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { similarName } from './similar-name.ts';

const NAMES = ['name', 'backlog', 'request', 'requestHeader', 'to', 'ports'];

describe('similarName()', () => {
  it('finds what was meant by a slip of the finger', () => {
    for (const [written, meant] of [
      ['bcklog', 'backlog'],
      ['reqest', 'request'],
      ['reqeust', 'request'],
      ['port', 'ports'],
      ['requestheader', 'requestHeader'],
      ['nmae', undefined], // as far from it as half of its letters
    ] as const)
      assert.equal(similarName(written, NAMES), meant, written);
  });

  it('prefers the nearest, and the first of several', () => {
    assert.equal(similarName('color', ['colours', 'colour']), 'colour');
    assert.equal(similarName('timeout', ['timeoutA', 'timeoutB']), 'timeoutA');
  });

  it('finds none where none is near', () => {
    for (const written of ['from', 'x', '', 'acceptAll', 'tt'])
      assert.equal(similarName(written, NAMES), undefined, written);
    assert.equal(similarName('name', []), undefined);
  });
});
