import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { serverNameCheck } from './server-name-settings.ts';

describe('serverNameCheck', () => {
  it('is one of three words', () => {
    for (const word of ['refuse', 'warn', 'off']) assert.equal(serverNameCheck.parse(word), word);
    const issue = serverNameCheck.safeParse(true).error?.issues[0];
    assert.equal(issue?.message, 'give "refuse", "warn" or "off"');
  });
});
