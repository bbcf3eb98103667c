import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BINARY, TEXT } from './frame.ts';
import { MessageView } from './message-view.ts';

describe('MessageView', () => {
  it('is a text, or bytes that can be read as one', () => {
    const content = Buffer.from('caf\u00e9', 'utf8');
    const text = new MessageView('client', { opcode: TEXT, key: undefined, content });
    assert.deepEqual([text.from, text.type, text.text], ['client', 'text', 'caf\u00e9']);
    const binary = new MessageView('server', { opcode: BINARY, key: undefined, content });
    assert.deepEqual(
      [binary.from, binary.type, binary.text],
      ['server', 'binary', 'caf\u00c3\u00a9'],
    );
  });

  it('is a copy, which a function may change without effect', () => {
    const content = Buffer.from('ab');
    const view = new MessageView('client', { opcode: BINARY, key: undefined, content });
    view.bytes[0] = 0;
    assert.equal(content.toString(), 'ab');
  });
});
