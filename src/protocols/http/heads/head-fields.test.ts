import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parsedRequest } from '../../../../test/support/http-heads.ts';
import { HeadFields } from './head-fields.ts';

describe('HeadFields', () => {
  const fields = new HeadFields(
    parsedRequest('GET / HTTP/1.1\r\nHost: a\r\nUpgrade: a, b\r\nupgrade: ,c ,\r\nX: \r\n\r\n'),
  );

  it('has the values of all fields of a name, in whatever case it was written', () => {
    assert.deepEqual(fields.getAll('upgrade'), ['a, b', ',c ,']);
    assert.deepEqual(fields.getAll('x'), ['']);
    assert.deepEqual(fields.getAll('y'), []);
  });

  it('takes lists apart', () => {
    assert.deepEqual(fields.members('upgrade'), ['a', 'b', 'c']);
    assert.deepEqual(fields.members('x'), []);
  });
});
