// WebSocket under the laws.

import fc from 'fast-check';
import { abort, accept, drop, reject } from '../../src/proxy/policy-action.ts';
import { webSocketProxy } from '../../src/protocols/websocket/index.ts';
import { closePayload } from '../../src/protocols/websocket/close-payload.ts';
import {
  BINARY,
  CLOSE,
  CONTINUATION,
  frameBytes,
  headBytes,
  PING,
  PONG,
  TEXT,
} from '../../src/protocols/websocket/frame.ts';
import type { Turn } from '../support/dialogue.ts';
import { client, clientEnds, elapses, server, serverEnds } from '../support/dialogue.ts';
import { failed, settled } from '../support/settled.ts';
import type { ProxyUnderLaw } from './proxy-under-law.ts';

const KEY = 0x37fa213d;
const LOW = { maxMessageLength: 200_000 };

function wire(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

function head(length: number, key: number | undefined, opcode = BINARY): string {
  return wire(headBytes({ isFinal: true, opcode, length, key }));
}

const contents = fc.oneof(
  fc.constantFrom('', 'hello', 'caf\u00e9', '\u{1f600}', 'x'.repeat(130), 'y'.repeat(9_000)),
  fc.string({ maxLength: 30 }),
);

const messages = fc
  .record({
    opcode: fc.constantFrom(TEXT, TEXT, BINARY),
    fragments: fc.array(contents, { minLength: 1, maxLength: 3 }),
    between: fc.constantFrom(undefined, undefined, PING, PONG),
    key: fc.nat(0xffffffff),
  })
  .map(({ opcode, fragments, between, key }) => (mask: boolean): string => {
    const masked = mask ? key : undefined;
    const control =
      between === undefined ? '' : wire(frameBytes(between, Buffer.from('p'), masked));
    return fragments
      .map((text, index) => {
        const isLast = index === fragments.length - 1;
        const kind = index === 0 ? opcode : CONTINUATION;
        return wire(frameBytes(kind, Buffer.from(text), masked, isLast)) + (isLast ? '' : control);
      })
      .join('');
  });

const closes = fc.constantFrom(1000, 1001, 3000).map((code) => (mask: boolean): string => {
  return wire(frameBytes(CLOSE, closePayload(code, 'bye'), mask ? KEY : undefined));
});

const said = fc.oneof({ weight: 6, arbitrary: messages }, { weight: 1, arbitrary: closes });

const turns: fc.Arbitrary<Turn> = fc.oneof(
  { weight: 5, arbitrary: said.map((frame) => client(frame(true))) },
  { weight: 5, arbitrary: said.map((frame) => server(frame(false))) },
  { weight: 1, arbitrary: fc.constantFrom(clientEnds(), serverEnds()) },
  { weight: 1, arbitrary: fc.constantFrom(elapses('idle'), elapses('closing')) },
);

/** WebSocket. */
export const WEBSOCKET: ProxyUnderLaw = {
  name: 'websocket',
  variants: {
    default: webSocketProxy(),
    'without a limit': webSocketProxy({ maxMessageLength: 0 }),
    'low limits': webSocketProxy({ maxMessageLength: 100, maxFrameLength: 20 }),
    'few frames': webSocketProxy({ frames: ['text'] }),
    'asked about all': webSocketProxy({ ...LOW, message: () => accept() }),
    'asked, answered later': webSocketProxy({ ...LOW, message: () => settled(accept()) }),
    'asked, failing': webSocketProxy({ ...LOW, message: () => failed(new Error('no')) }),
    'asked by an enemy': webSocketProxy({
      ...LOW,
      message({ from, bytes }) {
        if (bytes.length % 5 === 4) return from === 'client' ? abort('no') : reject();
        return bytes.length % 3 === 0 ? drop() : accept();
      },
    }),
  },
  refusing: {},
  dialogues: fc.array(turns, { maxLength: 8 }),
  timers: ['idle', 'closing'],
  beginnings: [
    [],
    [client(head(9_000_000, KEY).slice(0, 5))],
    [client(head(150_000, KEY)), server(head(150_000, undefined, TEXT))],
    [client(wire(frameBytes(TEXT, Buffer.from('a'), KEY, false)))],
    [server(wire(frameBytes(BINARY, Buffer.alloc(0), undefined, false)))],
  ],
  pieces: [
    wire(frameBytes(TEXT, Buffer.from('hello'), KEY)),
    wire(frameBytes(CONTINUATION, Buffer.from('x'), KEY, false)),
    wire(frameBytes(PING, Buffer.alloc(125, 'p'), undefined)),
    wire(frameBytes(CONTINUATION, Buffer.alloc(0), undefined, false)),
  ],
  // Both sides may have a message half said that is kept, in a buffer of twice its length at most.
  maxHeldBytes: 4 * 200_000,
};
