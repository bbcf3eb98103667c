// What is known of bytes to come, from one event of the kernel to the next.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EPOLLIN, EPOLLRDHUP } from './linux-constants.ts';
import { StreamInput } from './stream-input.ts';

function readable(events = EPOLLIN): StreamInput {
  const input = new StreamInput();
  input.becameReadable(events);
  return input;
}

describe('StreamInput', () => {
  it('is read after an event, until a read brings less than it might', () => {
    const input = new StreamInput();
    assert.deepEqual([input.isQuiet, input.mayBeRead, input.due], [true, false, undefined]);
    input.becameReadable(EPOLLIN);
    assert.deepEqual([input.isQuiet, input.mayBeRead, input.due], [false, true, 'soon']);
    input.wasRead(10, 10);
    assert.equal(input.mayBeRead, true);
    input.wasRead(9, 10);
    assert.deepEqual([input.isQuiet, input.mayBeRead, input.due], [true, false, undefined]);
  });

  it('is read until it is empty after an event that says more', () => {
    const input = readable(EPOLLIN | EPOLLRDHUP);
    input.wasRead(9, 10);
    assert.equal(input.mayBeRead, true);
    input.wasEmptied();
    assert.equal(input.isQuiet, true);
    input.becameReadable(EPOLLIN);
    input.wasRead(9, 10);
    assert.equal(input.isQuiet, true);
  });

  it('is not read while anything holds it', () => {
    const input = readable();
    input.add('full');
    assert.equal(input.mayBeRead, false);
    input.remove('full');
    assert.equal(input.mayBeRead, true);
  });

  it('goes on behind everybody else while much comes', () => {
    const input = readable();
    input.bulkBytes = 1;
    assert.equal(input.due, 'later');
    input.cameToEnd();
    assert.equal(input.due, 'soon');
  });

  it('says its end once, when nobody holds it', () => {
    const input = readable();
    input.add('full');
    input.wasRead(0, 10);
    assert.deepEqual([input.isEndDue, input.hasEnded], [false, false]);
    input.remove('full');
    assert.deepEqual([input.isEndDue, input.mayBeRead, input.due], [true, false, 'soon']);
    input.takeEnd();
    assert.deepEqual([input.isEndDue, input.hasEnded, input.due], [false, true, undefined]);
    input.becameReadable(EPOLLIN);
    assert.equal(input.mayBeRead, false);
  });
});
