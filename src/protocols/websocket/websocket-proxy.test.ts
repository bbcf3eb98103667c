import { describe, it } from 'node:test';
import type { Playbook } from '../../../test/support/playbook.ts';
import {
  close,
  connect,
  connected,
  connectFailed,
  elapsed,
  end,
  ended,
  hold,
  log,
  playbook,
  received,
  rejected,
  relay,
  relayed,
  release,
  resolved,
  send,
  started,
  testContext,
  timer,
  wait,
} from '../../../test/support/playbook.ts';
import { failed } from '../../../test/support/settled.ts';
import { abort, accept, drop, reject } from '../../proxy/policy-action.ts';
import { closePayload } from './close-payload.ts';
import { BINARY, CLOSE, frameBytes, headBytes, PING, PONG, TEXT } from './frame.ts';
import { webSocketProxy } from './index.ts';
import type { WebSocketOptions } from './settings.ts';

const KEY = 0x37fa213d;

function wire(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

function fromClient(opcode: number, content: string): string {
  return wire(frameBytes(opcode, Buffer.from(content), KEY));
}

function fromServer(opcode: number, content: string): string {
  return wire(frameBytes(opcode, Buffer.from(content), undefined));
}

function closing(code: number, reason: string, key?: number): string {
  return wire(frameBytes(CLOSE, closePayload(code, reason), key));
}

function open(options: WebSocketOptions = {}): Playbook {
  const engine = webSocketProxy(options).create(testContext());
  return playbook(engine).given(started(), connected());
}

const HELLO = fromClient(TEXT, 'hello');

describe('a WebSocket', () => {
  it('connects, and passes frames of both sides', () => {
    const big = headBytes({ isFinal: true, opcode: BINARY, length: 8_000, key: KEY });
    playbook(webSocketProxy().create(testContext()))
      .when(started())
      .expect(hold('client'), connect())
      .when(connected())
      .expect(timer('idle', 600_000, 'idle'), release('client'))
      .when(received('client', HELLO))
      .expect(send('server', HELLO))
      .when(received('server', fromServer(PING, 'x')))
      .expect(send('client', fromServer(PING, 'x')))
      .when(received('client', fromClient(PONG, 'x') + wire(big)))
      .expect(send('server', fromClient(PONG, 'x') + wire(big)))
      .when(received('client', 'x'))
      .expect(send('server', 'x'), relay('client', 'server', 7_999))
      .when(relayed('client', 'server', 7_999))
      .expect()
      .when(received('client', HELLO))
      .expect(send('server', HELLO));
  });

  it('ends as the two say', () => {
    open()
      .when(received('client', closing(1000, 'bye', KEY)))
      .expect(send('server', closing(1000, 'bye', KEY)))
      .when(received('server', closing(1000, '')))
      .expect(send('client', closing(1000, '')), timer('closing', 10_000))
      .when(ended('server'))
      .expect(end('client'))
      .when(ended('client'))
      .expect(end('server'), close('accepted', 'websocket.finished'));
    open()
      .given(received('client', closing(1000, '', KEY)), received('server', closing(1000, '')))
      .when(elapsed('closing'))
      .expect(close('accepted', 'websocket.finished'));
    open()
      .when(ended('client', 'ECONNRESET'))
      .expect(close('accepted', 'websocket.client-reset', 'reset'));
  });

  it('says goodbye when nothing moves, to the server only with a key of the client', () => {
    const text = 'Nothing moved for as long as the policy allows';
    open({ timeoutMs: 5 })
      .when(elapsed('idle'))
      .expect(send('client', closing(1001, text)), close('accepted', 'websocket.timeout'));
    open({ timeoutMs: 5 })
      .given(received('client', HELLO))
      .when(elapsed('idle'))
      .expect(
        send('client', closing(1001, text)),
        send('server', closing(1001, text, KEY)),
        close('accepted', 'websocket.timeout'),
      );
  });

  it('tells both sides what one did wrong, but not within a frame', () => {
    const text = 'A frame of the client is not masked';
    open()
      .given(received('client', HELLO))
      .when(received('client', fromServer(TEXT, 'x')))
      .expect(
        log('websocket.unmasked-frame'),
        send('client', closing(1002, text)),
        send('server', closing(1002, text, KEY)),
        close('denied-by-policy', 'websocket.unmasked-frame'),
      );
    const half = wire(headBytes({ isFinal: true, opcode: TEXT, length: 9, key: undefined }));
    open()
      .given(received('client', HELLO), received('server', half))
      .when(received('client', fromServer(TEXT, 'x')))
      .expect(
        log('websocket.unmasked-frame'),
        send('server', closing(1002, text, KEY)),
        close('denied-by-policy', 'websocket.unmasked-frame'),
      );
    open()
      .given(received('server', half))
      .when(ended('server'))
      .expect(
        log('websocket.incomplete-message'),
        close('denied-by-policy', 'websocket.incomplete-message'),
      );
  });

  it('ends as a failed connection says', () => {
    playbook(webSocketProxy().create(testContext()))
      .given(started())
      .when(connectFailed({ reason: 'some.reason', verdict: 'denied-by-limit' }))
      .expect(close('denied-by-limit', 'some.reason'));
  });
});

describe('the message function', () => {
  it('lets pass, discards, or ends', () => {
    const options: WebSocketOptions = {
      message({ from, text }) {
        if (text === 'secret') return from === 'client' ? abort('No secrets') : reject();
        return text === 'noise' ? drop() : accept();
      },
    };
    open(options)
      .when(received('client', HELLO + fromClient(TEXT, 'noise') + HELLO))
      .expect(send('server', HELLO + HELLO))
      .when(received('client', fromClient(TEXT, 'secret') + HELLO))
      .expect(
        log('websocket.message-refused'),
        send('client', closing(1008, 'No secrets')),
        send('server', closing(1008, 'No secrets', KEY)),
        close('aborted-by-policy-action', 'websocket.message-refused'),
      );
    const text = 'The policy does not permit this message';
    open(options)
      .when(received('server', fromServer(TEXT, 'secret')))
      .expect(
        log('websocket.message-refused'),
        send('client', closing(1008, text)),
        close('denied-by-policy', 'websocket.message-refused'),
      );
  });

  it('may take its time; what came behind waits', () => {
    open({ message: () => Promise.resolve(accept()) })
      .when(received('client', HELLO + HELLO))
      .expect(wait())
      .when(resolved(accept()))
      .expect(send('server', HELLO), wait())
      .when(resolved(drop()))
      .expect();
  });

  it('ends the session when it fails', () => {
    const words = 'A function of the policy failed';
    open({ message: () => failed(new Error('no database')) })
      .given(received('client', HELLO))
      .when(rejected(new Error('no database')))
      .expect(
        log('policy.function-failed'),
        send('client', closing(1011, words)),
        send('server', closing(1011, words, KEY)),
        close('aborted-by-policy-action', 'policy.function-failed'),
      );
    const message = (() => 'yes') as never;
    open({ message })
      .when(received('server', fromServer(TEXT, 'x')))
      .expect(
        log('policy.invalid-result'),
        send('client', closing(1011, words)),
        close('invalid-policy-call', 'policy.invalid-result'),
      );
  });
});
