import assert from 'node:assert/strict';
import { it } from 'node:test';
import { portList } from './port-list.ts';

it('portList reads ports, ranges and lists of them, and says what is wrong', () => {
  assert.equal(String(portList.parse(80)), '80');
  assert.equal(String(portList.parse(['80-81', 443])), '80-81,443');
  assert.equal(portList.parse([]), undefined);
  const table: [given: unknown, cure: RegExp][] = [
    ['', /leave the field out/],
    [0, /Cannot use port 0/],
    ['9-8', /write the lower port first/],
    [true, /give ports, such as 80/],
  ];
  for (const [given, cure] of table)
    assert.match(portList.safeParse(given).error?.issues[0]?.message ?? '', cure);
});
