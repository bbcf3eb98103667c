import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GET } from '../../../test/support/http-dialogue.ts';
import { toBytes } from '../../../test/support/latin1.ts';
import { ClientReader } from './client-reader.ts';
import { ClientSide } from './client-side.ts';
import { readSettings } from './settings.ts';
import { httpPlanOf } from './http-plan.ts';

describe('ClientReader', () => {
  it('reads one head at a time and keeps the rest', () => {
    const { requests } = httpPlanOf(readSettings({}).settings);
    const client = new ClientSide();
    const reader = new ClientReader(client, requests, {
      head: (_, out) => client.busy(out),
      body: () => undefined,
      bodyComplete: () => assert.fail('there is no body'),
    });
    reader.received(toBytes(GET + GET + 'GET'), []);
    assert.deepEqual([client.requestCount, client.unread.count], [1, GET.length + 3]);
    reader.goOn([]);
    assert.equal(client.requestCount, 1);
    client.become('head', []);
    reader.goOn([]);
    client.become('head', []);
    reader.goOn([]);
    assert.deepEqual([client.requestCount, reader.isInsideHead], [2, true]);
  });
});
