import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parsedRequest, parsedResponse } from '../../../../test/support/http-heads.ts';
import type { Head } from '../heads/head.ts';
import type { FieldEdit } from './field-edits.ts';
import { requestEdits, responseEdits } from './field-edits.ts';

/** What becomes of the fields of a head: their names, or their whole lines where those are others. */
function edited(head: Head<unknown>, edit: FieldEdit): string[] {
  const kept: string[] = [];
  for (let index = 0; index < head.count; index++) {
    const line = edit(head, index);
    if (line !== '') kept.push(line?.trimEnd() ?? head.name(index));
  }
  return kept;
}

function hasRule(): boolean {
  return false;
}

const RESPONSE =
  'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nETag: "a"\r\nAccept-Ranges: bytes\r\nContent-MD5: x\r\n' +
  'Digest: x\r\nContent-Digest: x\r\nRepr-Digest: x\r\nContent-Encoding: gzip\r\nX-Other: 1\r\n\r\n';

const REQUEST =
  'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\nRange: bytes=0-1\r\n' +
  'If-Range: "a"\r\nAccept-Encoding: gzip, compress\r\nContent-Encoding: gzip\r\nContent-MD5: x\r\n\r\n';

describe('the fields of a response that is looked at', () => {
  it('say nothing of the bytes as they were', () => {
    const head = parsedResponse(RESPONSE);
    assert.deepEqual(edited(head, responseEdits({ isDecoded: false, hasRule })), [
      'ETag: W/"a"',
      'Content-Encoding',
      'X-Other',
    ]);
    assert.deepEqual(edited(head, responseEdits({ isDecoded: true, hasRule })), [
      'ETag: W/"a"',
      'X-Other',
    ]);
  });

  it('leave the last word about a validator to the policy', () => {
    const head = parsedResponse(RESPONSE);
    const edit = responseEdits({ isDecoded: true, hasRule: () => true });
    assert.deepEqual(edited(head, edit), ['ETag', 'X-Other']);
  });

  it('keep a weak validator', () => {
    const head = parsedResponse('HTTP/1.1 200 OK\r\nETag: W/"a"\r\n\r\n');
    assert.deepEqual(edited(head, responseEdits({ isDecoded: true, hasRule })), ['ETag']);
  });
});

describe('the fields of a request', () => {
  const head = parsedRequest(REQUEST);
  const no = { isStacked: false, isDecoded: false };

  it('do not announce a body that is looked at', () => {
    const edit = requestEdits({ isStacked: true, isDecoded: true }, { ...no, hasRule });
    assert.deepEqual(edited(head, edit), ['Host', 'Range', 'If-Range', 'Accept-Encoding']);
  });

  it('do not ask for what could not be looked at', () => {
    const edit = requestEdits(no, { isStacked: true, isDecoded: true, hasRule });
    assert.deepEqual(edited(head, edit), [
      ...['Host', 'Content-Length', 'Expect', 'Accept-Encoding: gzip', 'Content-Encoding'],
      'Content-MD5',
    ]);
  });

  it('leave the last word to the policy', () => {
    const edit = requestEdits(no, { isStacked: true, isDecoded: true, hasRule: () => true });
    assert.ok(edited(head, edit).includes('Accept-Encoding'));
  });
});
