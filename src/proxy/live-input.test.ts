import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LiveFile } from './live-input.ts';
import { beginLiveInputs, endLiveInputs, registerLiveInput, takeLiveInputs } from './live-input.ts';

function liveFile(path: string, pauses = 0): LiveFile {
  return {
    kind: 'live-file',
    path,
    *read(text) {
      for (let pause = 0; pause < pauses; pause++) yield;
      return [{ line: 1, value: text, cure: 'none' }];
    },
    forget: () => undefined,
  };
}

describe('live inputs', () => {
  it('are taken once, in the order in which they were made', () => {
    takeLiveInputs();
    const made = [liveFile('a'), liveFile('b')];
    made.forEach(registerLiveInput);
    assert.deepEqual(takeLiveInputs(), made);
    assert.deepEqual(takeLiveInputs(), []);
  });

  it('count for all policies of a file while it is loaded, and none of them afterwards', () => {
    const [before, first, second] = [liveFile('a'), liveFile('b'), liveFile('c')];
    registerLiveInput(before);
    beginLiveInputs();
    registerLiveInput(first);
    assert.deepEqual(takeLiveInputs(), [first]);
    registerLiveInput(second);
    assert.deepEqual(takeLiveInputs(), [first, second]);
    registerLiveInput(before);
    endLiveInputs();
    assert.deepEqual(takeLiveInputs(), []);
  });

  it('do not fill the memory when nobody takes them', () => {
    takeLiveInputs();
    const input = liveFile('a');
    for (let count = 0; count < 11_000; count++) registerLiveInput(input);
    assert.equal(takeLiveInputs().length, 10_000);
  });
});
