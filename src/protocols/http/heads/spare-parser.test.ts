import assert from 'node:assert/strict';
import { it } from 'node:test';
import { httpPlan } from '../../../../test/support/http-heads.ts';
import { toBytes } from '../../../../test/support/latin1.ts';
import { SpareParser } from './spare-parser.ts';

it('a parser reads one head after the other, and what keeps one has it to itself', () => {
  const parsers = new SpareParser(httpPlan().requests.grammar);
  const first = parsers.take();
  assert.equal(first.read(toBytes('GET / HTTP/1.1\r\nHost: a'), 0), undefined);
  const second = parsers.take();
  assert.notEqual(second, first);
  assert.equal(second.read(toBytes('GET / HTTP/1.1\r\nHost: b\r\n\r\n'), 0)?.value(0), 'b');
  parsers.giveBack(second);
  assert.equal(parsers.take(), second);
  assert.equal(first.read(toBytes('aa\r\n\r\n'), 0)?.value(0), 'aaa');
});
