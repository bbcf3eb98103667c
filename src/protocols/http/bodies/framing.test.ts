import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { httpPlan, parsedRequest, parsedResponse } from '../../../../test/support/http-heads.ts';
import type { Framing } from './framing.ts';
import { requestFraming, leavingFraming, responseFraming } from './framing.ts';

function ofRequest(fields: string, minor = 1): Framing {
  const plan = httpPlan();
  const head = parsedRequest(`POST / HTTP/1.${minor}\r\n${fields}\r\n`, plan);
  plan.requests.known.note(head);
  return requestFraming(head, plan.requests.known);
}

function ofResponse(status: number, fields: string, method = 'GET'): Framing {
  const plan = httpPlan();
  const head = parsedResponse(`HTTP/1.1 ${status} X\r\n${fields}\r\n`, plan);
  plan.responses.known.note(head);
  return responseFraming(head, plan.responses.known, method);
}

describe('requestFraming()', () => {
  it('reads a length, a coding, or neither', () => {
    assert.deepEqual(ofRequest(''), { kind: 'none' });
    assert.deepEqual(ofRequest('Content-Length: 0\r\n'), { kind: 'length', length: 0 });
    assert.deepEqual(ofRequest('content-length:\t 0042 \r\n'), { kind: 'length', length: 42 });
    assert.deepEqual(ofRequest('Content-Length: 9007199254740991\r\n'), {
      kind: 'length',
      length: Number.MAX_SAFE_INTEGER,
    });
    assert.deepEqual(ofRequest('Transfer-Encoding: CHUNKED\r\n'), { kind: 'chunked' });
  });

  for (const [fields, code] of [
    ['Content-Length: 1\r\nContent-Length: 1\r\n', 'duplicate-content-length'],
    ['Content-Length: 1\r\ncontent-length: 2\r\n', 'duplicate-content-length'],
    ['Content-Length: 1, 1\r\n', 'bad-content-length'],
    ['Content-Length: +1\r\n', 'bad-content-length'],
    ['Content-Length: -1\r\n', 'bad-content-length'],
    ['Content-Length: 1 2\r\n', 'bad-content-length'],
    ['Content-Length: 0x1\r\n', 'bad-content-length'],
    ['Content-Length: 1e3\r\n', 'bad-content-length'],
    ['Content-Length:\r\n', 'bad-content-length'],
    ['Content-Length: 9007199254740992\r\n', 'bad-content-length'],
    ['Content-Length: 18446744073709551617\r\n', 'bad-content-length'],
    [`Content-Length: ${'9'.repeat(400)}\r\n`, 'bad-content-length'],
    ['Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', 'duplicate-transfer-encoding'],
    ['Transfer-Encoding: chunked\r\nContent-Length: 1\r\n', 'length-and-coding'],
    ['Content-Length: 1\r\nTransfer-Encoding: identity\r\n', 'length-and-coding'],
    ['Transfer-Encoding: gzip, chunked\r\n', 'bad-transfer-coding'],
    ['Transfer-Encoding: chunked, identity\r\n', 'bad-transfer-coding'],
    ['Transfer-Encoding: ,chunked\r\n', 'bad-transfer-coding'],
    ['Transfer-Encoding: "chunked"\r\n', 'bad-transfer-coding'],
    ['Transfer-Encoding: xchunked\r\n', 'bad-transfer-coding'],
    ['Transfer-Encoding: chunked;a=b\r\n', 'bad-transfer-coding'],
    ['Transfer-Encoding: chunked\xa0\r\n', 'bad-transfer-coding'],
    ['Transfer-Encoding:\r\n', 'bad-transfer-coding'],
    ['Transfer-Encoding: chunked\t\r\n', 'bad-transfer-coding'],
    ['Transfer-Encoding:\tchunked\r\n', 'bad-transfer-coding'],
  ] as const)
    it(`refuses ${JSON.stringify(fields.slice(0, 70))}`, () => {
      assert.throws(() => ofRequest(fields), { code: `http.${code}` });
    });

  it('refuses a body of HTTP/1.0 that may have no end', () => {
    assert.throws(() => ofRequest('', 0), { code: 'http.length-required' });
    assert.deepEqual(ofRequest('Content-Length: 0\r\n', 0), { kind: 'length', length: 0 });
  });

  it('refuses a coding in HTTP/1.0', () => {
    assert.throws(() => ofRequest('Transfer-Encoding: chunked\r\n', 0), {
      code: 'http.coding-in-http10',
    });
  });
});

describe('responseFraming()', () => {
  const length = 'Content-Length: 5\r\n';
  const chunked = 'Transfer-Encoding: chunked\r\n';

  it('follows status, method and fields', () => {
    assert.deepEqual(ofResponse(200, ''), { kind: 'until-close' });
    assert.deepEqual(ofResponse(200, length), { kind: 'length', length: 5 });
    assert.deepEqual(ofResponse(205, chunked), { kind: 'chunked' });
    for (const fields of ['', length, chunked]) {
      assert.deepEqual(ofResponse(200, fields, 'HEAD'), { kind: 'none' });
      assert.deepEqual(ofResponse(304, fields), { kind: 'none' });
    }
    assert.deepEqual(ofResponse(204, 'Content-Length: 0\r\n'), { kind: 'none' });
  });

  it('refuses a body where none may be', () => {
    for (const status of [100, 103, 204])
      for (const fields of [length, chunked])
        assert.throws(() => ofResponse(status, fields), {
          code: 'http.body-not-allowed',
          side: 'server',
        });
  });
});

describe('leavingFraming()', () => {
  it('has chunks for those who know them', () => {
    const untilClose = { kind: 'until-close' } as const;
    const chunked = { kind: 'chunked' } as const;
    const length = { kind: 'length', length: 1 } as const;
    for (const [framing, minor, rechunk, expected] of [
      [chunked, 0, true, untilClose],
      [untilClose, 0, true, untilClose],
      [untilClose, 1, true, chunked],
      [untilClose, 1, false, untilClose],
      [chunked, 1, false, chunked],
      [length, 0, true, length],
      [length, 1, true, length],
    ] as const)
      assert.deepEqual(leavingFraming(framing, minor, { rechunk }), expected);
  });
});
