import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { z } from 'zod';
import {
  anyNumberOf,
  force,
  functionOf,
  isKind,
  milliseconds,
  nameFaults,
  nameOf,
  objectOf,
  oneOrMore,
  parsed,
  ipAddress,
  socketAddress,
} from './fields.ts';
import { zone } from './zone.ts';

function messages(schema: z.ZodType, value: unknown): readonly string[] {
  return schema.safeParse(value).error?.issues.map((issue) => issue.message) ?? [];
}

describe('names', () => {
  it('are short and plain', () => {
    for (const name of ['a', 'intranet_http.v2-b', '9', 'x'.repeat(64)])
      assert.deepEqual(nameFaults(name), []);
    for (const name of ['', '.a', 'a b', 'a/b', 'a\n', 'x'.repeat(65), 7])
      assert.equal(nameFaults(name).length, 1);
  });

  it('can be shown whatever they are', () => {
    assert.deepEqual([nameOf('a'), nameOf(7), nameOf(undefined)], ['a', '7', 'undefined']);
  });
});

describe('parsed()', () => {
  it('turns text into a value, and the error of the parser into a cure', () => {
    const schema = parsed((text) => {
      if (text === 'one') return 1;
      throw text === 'odd' ? wordsOnly : new SyntaxError('write "one"');
    }, 'give a text');
    assert.equal(schema.parse('one'), 1);
    assert.deepEqual(messages(schema, 'two'), ['write "one"']);
    assert.deepEqual(messages(schema, 'odd'), ['give a text']);
    assert.deepEqual(messages(schema, 1), ['give a text']);
  });
});
const wordsOnly: unknown = 'not an error';

describe('objects of a policy', () => {
  const made = zone('a', { subnets: [] });

  it('are known by their kind and by who made them', () => {
    assert.ok(isKind(made, ['listener', 'zone']));
    for (const other of [{ ...made }, { kind: 'zone' }, null, 'zone', undefined])
      assert.equal(isKind(other, ['zone']), false);
    assert.equal(isKind(made, ['listener']), false);
    assert.deepEqual(messages(objectOf(['listener'], 'give a listener'), made), [
      'give a listener',
    ]);
  });
});

describe('lists that may be functions', () => {
  it('are forced to their value', () => {
    const list = [1];
    assert.equal(force(list), list);
    assert.equal(
      force(() => list),
      list,
    );
    assert.deepEqual(messages(functionOf(), list), ['give a list, or a function that returns one']);
  });
});

describe('oneOrMore()', () => {
  const schema = oneOrMore(socketAddress, 'give addresses');

  it('is always a frozen list', () => {
    assert.deepEqual(schema.parse('10.0.0.1:80').map(String), ['10.0.0.1:80']);
    assert.deepEqual(schema.parse(['10.0.0.1:80', '[::1]:1']).length, 2);
    assert.ok(Object.isFrozen(schema.parse('10.0.0.1:80')));
  });

  it('says what is wrong with a single value, and otherwise what to give', () => {
    assert.match(messages(schema, 'x').join(), /Cannot parse socket address "x"/);
    assert.deepEqual(messages(schema, []), ['give addresses']);
    assert.deepEqual(messages(schema, 7), ['give addresses']);
  });
});

describe('anyNumberOf()', () => {
  const schema = anyNumberOf(socketAddress, 'give addresses');

  it('is always a frozen list, which may be empty', () => {
    assert.deepEqual(schema.parse('10.0.0.1:80').map(String), ['10.0.0.1:80']);
    assert.deepEqual(schema.parse([]), []);
    assert.ok(Object.isFrozen(schema.parse([])));
  });

  it('says what is wrong with a single value, and otherwise what to give', () => {
    assert.match(messages(schema, 'x').join(), /Cannot parse socket address "x"/);
    assert.deepEqual(messages(schema, 7), ['give addresses']);
  });
});

describe('ipAddress', () => {
  it('is an address without a port, and IPv4 where it is', () => {
    assert.equal(String(ipAddress.parse('2001:DB8::1')), '2001:db8::1');
    assert.match(messages(ipAddress, '10.0.0.1:80').join(), /Cannot parse IP address/);
    assert.match(messages(ipAddress, '::ffff:10.0.0.1').join(), /as IPv4: 10\.0\.0\.1$/);
    assert.deepEqual(messages(ipAddress, 7), ['give an IP address, such as "192.0.2.1"']);
  });
});

describe('milliseconds', () => {
  it('are whole, more than none, and at most a day', () => {
    assert.equal(milliseconds.parse(1), 1);
    for (const value of [0, -1, 0.5, 86_400_001, '1'])
      assert.equal(messages(milliseconds, value).length, 1);
  });
});
