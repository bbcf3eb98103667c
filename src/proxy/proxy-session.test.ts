import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { attribute } from './proxy-session.ts';

describe('attribute()', () => {
  it('makes a frozen key with a name', () => {
    const sender = attribute<string>('mail-sender');
    assert.equal(sender.name, 'mail-sender');
    assert.ok(Object.isFrozen(sender));
  });

  it('makes another key each time, whatever its name', () => {
    assert.notEqual(attribute('sender'), attribute('sender'));
  });
});
