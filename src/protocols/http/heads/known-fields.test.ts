import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { httpPlan, parsedRequest } from '../../../../test/support/http-heads.ts';
import { CONNECTION, EXPECT, HOST } from './header-table.ts';
import { KnownFields } from './known-fields.ts';

describe('KnownFields', () => {
  it('gives the first place of each field', () => {
    const plan = httpPlan();
    const { known } = plan.requests;
    known.note(
      parsedRequest(
        'GET / HTTP/1.1\r\nX: 1\r\nConnection: a\r\nHost: a\r\nConnection: b\r\n\r\n',
        plan,
      ),
    );
    assert.deepEqual(
      [known.place(CONNECTION), known.place(HOST), known.has(EXPECT)],
      [1, 2, false],
    );
    known.note(parsedRequest('GET / HTTP/1.1\r\n\r\n', plan));
    assert.equal(known.has(HOST), false);
  });

  it('knows nothing of an earlier head, however many there were', () => {
    const known = new KnownFields('client', 20);
    const heads = ['Host: a\r\nX: 1\r\nExpect: b\r\n', 'X: 1\r\nHost: a\r\n', ''].map((fields) =>
      parsedRequest(`GET / HTTP/1.1\r\n${fields}\r\n`),
    );
    for (let round = 0; round < 20; round++)
      for (const [at, head] of heads.entries()) {
        known.note(head);
        const places = [known.place(HOST), known.place(EXPECT), known.place(CONNECTION)];
        assert.deepEqual(
          places,
          [
            [0, 2, -1],
            [1, -1, -1],
            [-1, -1, -1],
          ][at],
        );
      }
  });

  for (const name of ['Host', 'Content-Length', 'Content-Type', 'Authorization', 'Expect'])
    it(`refuses ${name} twice`, () => {
      const plan = httpPlan();
      const head = parsedRequest(
        `GET / HTTP/1.1\r\n${name}: 1\r\n${name.toLowerCase()}: 1\r\n\r\n`,
        plan,
      );
      assert.throws(() => plan.requests.known.note(head), {
        code: `http.duplicate-${name.toLowerCase()}`,
      });
    });
});
