import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { webSocketSchema } from './settings.ts';

describe('webSocketSchema', () => {
  it('fills in the defaults', () => {
    assert.deepEqual(webSocketSchema.parse({}), {
      frames: ['text', 'binary', 'ping', 'pong'],
      maxMessageLength: 1_048_576,
      maxFrameLength: 0,
      timeoutMs: 600_000,
    });
  });

  it('says how to write what is wrong', () => {
    const { error } = webSocketSchema.safeParse({
      message: 'all',
      frames: ['text', 'close'],
      maxMessageLength: -1,
      timeoutMs: 0,
    });
    assert.deepEqual(
      error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`),
      [
        'message: give a function that returns accept(), drop(), reject() or abort()',
        "frames.1: give 'text', 'binary', 'ping' or 'pong'",
        'maxMessageLength: give a whole number of bytes, 0 for no limit',
        'timeoutMs: give a whole number of milliseconds, 1 to 2147483647',
      ],
    );
  });

  it('wants a limit for what is kept in memory', () => {
    for (const maxMessageLength of [0, 2 ** 26 + 1]) {
      const { error } = webSocketSchema.safeParse({ message: () => undefined, maxMessageLength });
      assert.deepEqual(error?.issues[0]?.path, ['maxMessageLength']);
      assert.ok(webSocketSchema.safeParse({ maxMessageLength }).success);
    }
  });
});
