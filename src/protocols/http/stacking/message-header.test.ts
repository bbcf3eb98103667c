import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toBytes, toText } from '../../../../test/support/latin1.ts';
import { headerOf } from './message-header.ts';

describe('the header of a message', () => {
  it('has all fields and an empty line, and not the first line', () => {
    assert.equal(toText(headerOf(toBytes('GET / HTTP/1.1\r\nHost: a\r\n'))), 'Host: a\r\n\r\n');
    assert.equal(toText(headerOf(toBytes('HTTP/1.1 200 OK\r\n'))), '\r\n');
  });
});
