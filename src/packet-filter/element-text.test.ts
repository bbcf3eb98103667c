import assert from 'node:assert/strict';
import { it } from 'node:test';
import { elementText } from './element-text.ts';

it('elements are shown as nft shows them', () => {
  const prefix = { prefix: { addr: '10.0.0.0', len: 8 } };
  const cases: readonly (readonly [unknown, string])[] = [
    ['192.0.2.1', '192.0.2.1'],
    [80, '80'],
    [null, 'null'],
    [prefix, '10.0.0.0/8'],
    [{ range: [80, 90] }, '80-90'],
    [{ range: ['::1', '::2'] }, '::1-::2'],
    [{ range: 'odd' }, '{"range":"odd"}'],
    [{ concat: ['eth0', 'tcp', prefix, { range: [1, 2] }] }, 'eth0 . tcp . 10.0.0.0/8 . 1-2'],
    [{ elem: { val: prefix, timeout: 7 } }, '10.0.0.0/8'],
    [['192.0.2.1', { accept: null }], '192.0.2.1 : accept'],
    [[80, { goto: { target: 'web' } }], '80 : goto web'],
    [[{ jump: { target: 'x' } }], 'jump x'],
    [{ odd: 7 }, '{"odd":7}'],
    [{}, '{}'],
  ];
  for (const [element, text] of cases) assert.equal(elementText(element), text);
});
