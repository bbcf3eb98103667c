import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ProxyAction } from '../../proxy/engine.ts';
import { accept } from '../../proxy/policy-action.ts';
import { BINARY, CLOSE, CONTINUATION, frameBytes, headBytes, PING, TEXT } from './frame.ts';
import { FrameFlow } from './frame-flow.ts';
import type { WebSocketOptions } from './settings.ts';
import { webSocketSchema } from './settings.ts';

const KEY = 0x37fa213d;

function flow(options: WebSocketOptions = {}, from: 'client' | 'server' = 'client'): FrameFlow {
  return new FrameFlow(from, webSocketSchema.parse(options));
}

/** The bytes that go on. */
function passed(out: readonly ProxyAction[]): Buffer {
  return Buffer.concat(out.flatMap((action) => (action.type === 'send' ? [action.bytes] : [])));
}

function take(one: FrameFlow, ...frames: Uint8Array[]): Buffer {
  const out: ProxyAction[] = [];
  const bytes = Buffer.concat(frames);
  assert.equal(one.take(bytes, 0, out), bytes.length);
  return passed(out);
}

function text(content: string, isFinal = true): Uint8Array {
  return frameBytes(TEXT, Buffer.from(content), KEY, isFinal);
}

function more(content: string, isFinal = true): Uint8Array {
  return frameBytes(CONTINUATION, Buffer.from(content, 'latin1'), KEY, isFinal);
}

describe('FrameFlow', () => {
  it('passes frames as they come, the masks as the client chose them', () => {
    const frames = [
      text('Hel', false),
      frameBytes(PING, Buffer.from('?'), KEY),
      more('lo'),
      frameBytes(BINARY, Buffer.alloc(300, 7), KEY),
      frameBytes(TEXT, Buffer.alloc(0), KEY),
    ];
    assert.deepEqual(take(flow(), ...frames), Buffer.concat(frames));
    const slow = flow();
    const pieces = [...Buffer.concat(frames)].map((byte) => take(slow, Uint8Array.of(byte)));
    assert.deepEqual(Buffer.concat(pieces), Buffer.concat(frames));
  });

  it('relays long binary payload, and goes on behind it', () => {
    const one = flow({}, 'server');
    const head = headBytes({ isFinal: true, opcode: BINARY, length: 9_000, key: undefined });
    const out: ProxyAction[] = [];
    one.take(Buffer.concat([head, Buffer.alloc(100)]), 0, out);
    assert.deepEqual(out.at(-1), { type: 'relay', from: 'server', to: 'client', length: 8_900 });
    const inside = (): readonly boolean[] => [one.isWithinFrame, one.isIncomplete];
    assert.deepEqual(inside(), [true, true]);
    one.relayed(8_900, out);
    assert.deepEqual(inside(), [false, false]);
  });

  it('takes a Close within a message for an end of both', () => {
    for (const message of [undefined, () => accept()]) {
      const one = flow({ message });
      take(one, text('Hel', false));
      assert.equal(one.isIncomplete, true);
      take(one, frameBytes(CLOSE, Buffer.alloc(0), KEY));
      assert.equal(one.isIncomplete, false);
    }
  });

  it('checks what it passes before it is told on', () => {
    const cases: readonly (readonly [string, readonly Uint8Array[], WebSocketOptions?])[] = [
      ['unexpected-continuation', [more('x')]],
      ['expected-continuation', [text('x', false), text('y')]],
      ['reserved-opcode', [frameBytes(3, Buffer.alloc(0), KEY)]],
      ['reserved-opcode', [frameBytes(11, Buffer.alloc(0), KEY)]],
      ['bad-control-frame', [frameBytes(PING, Buffer.alloc(0), KEY, false)]],
      ['bad-control-frame', [frameBytes(PING, Buffer.alloc(126), KEY)]],
      ['frame-after-close', [frameBytes(CLOSE, Buffer.alloc(0), KEY), text('x')]],
      ['bad-close', [frameBytes(CLOSE, Buffer.from([1]), KEY)]],
      ['bad-utf8', [text('a', false), more('\xff')]],
      ['bad-utf8', [text('a', false), more('\xe2\x82')]],
      ['bad-utf8', [text('a', false), more('\xe2\x82', false), more('')]],
      ['frame-refused', [text('x')], { frames: ['binary'] }],
      ['frame-refused', [frameBytes(PING, Buffer.alloc(0), KEY)], { frames: ['text'] }],
      ['message-too-long', [text('12', false), more('345')], { maxMessageLength: 4 }],
      ['frame-too-long', [text('12345')], { maxFrameLength: 4 }],
      ['frame-too-long', [frameBytes(PING, Buffer.alloc(5), KEY)], { maxFrameLength: 4 }],
    ];
    for (const [rule, frames, options] of cases) {
      const expected = { code: `websocket.${rule}`, side: 'client' };
      assert.throws(() => take(flow(options), ...frames), expected, rule);
    }
  });

  it('sends nothing from the first byte on that is no text', () => {
    for (const [content, good] of [
      ['ab\xffcd', 2],
      ['ab\xe2\x82', 3],
    ] as const) {
      const out: ProxyAction[] = [];
      const bytes = frameBytes(TEXT, Buffer.from(content, 'latin1'), KEY);
      assert.throws(() => flow().take(bytes, 0, out), { code: 'websocket.bad-utf8' });
      assert.deepEqual(passed(out), Buffer.from(bytes.subarray(0, 6 + good)));
    }
  });

  it('keeps messages for a function, and makes one frame of their fragments', () => {
    const one = flow({ message: () => undefined as never });
    const ping = frameBytes(PING, Buffer.from('?'), 0x01020304);
    assert.deepEqual(take(one, text('Hel', false), ping), Buffer.from(ping), 'the ping overtakes');
    assert.ok(one.isIncomplete && !one.isWithinFrame);
    const out: ProxyAction[] = [];
    const last = Buffer.concat([more('lo'), text('next')]);
    assert.equal(one.take(last, 0, out), last.length - text('next').length);
    const { whole } = one;
    assert.equal(Buffer.from(whole?.content ?? []).toString(), 'Hello');
    if (whole !== undefined) one.forward(whole, out);
    assert.deepEqual(passed(out), Buffer.from(text('Hello')));
  });

  it('checks the text of messages that it keeps', () => {
    const one = flow({ message: () => undefined as never });
    assert.throws(() => take(one, text('a', false), more('\xff')), { code: 'websocket.bad-utf8' });
  });
});
