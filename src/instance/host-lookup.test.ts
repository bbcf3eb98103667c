import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lookUpHost } from './host-lookup.ts';

describe('lookUpHost()', () => {
  it('gives what the resolver answers', async () => {
    const answer = { ok: false, error: 'ENOTFOUND' } as const;
    const asked: unknown[] = [];
    const resolver = {
      resolve: (host: string, timeoutMs: number, done: (result: typeof answer) => void) => {
        asked.push([host, timeoutMs]);
        done(answer);
      },
    };
    assert.equal(await lookUpHost('a.example', 5, resolver), answer);
    assert.deepEqual(asked, [['a.example', 5]]);
  });

  it('asks the system if no resolver is given', async () => {
    const result = await lookUpHost('192.0.2.1', 1000);
    assert.deepEqual(result.ok && result.addresses.map(String), ['192.0.2.1']);
  });
});
