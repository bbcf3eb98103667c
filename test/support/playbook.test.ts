import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Bytes, ProxyAction, ProxyEngine } from '../../src/proxy/engine.ts';
import { toBytes } from './latin1.ts';
import { log, playbook, received, send, sendLike, started, timer } from './playbook.ts';

function engineOf(...actions: ProxyAction[]): ProxyEngine {
  return { handle: () => actions };
}

describe('playbook()', () => {
  const hello = engineOf(
    { type: 'send', to: 'client', bytes: toBytes('hel') },
    { type: 'send', to: 'client', bytes: toBytes('lo\r\n') },
    { type: 'timer', timer: 'idle', afterMs: 10, mode: 'idle' },
    { type: 'log', level: 'info', code: 'greeted', message: 'Hello' },
  );

  it('merges adjacent sends of the engine and of the expectation', () => {
    playbook(hello, { ignoring: ['timer', 'log'] })
      .when(started())
      .expect(send('client', 'h'), send('client', 'ello\r\n'));
  });

  it('matches patterns and the codes of log lines', () => {
    playbook(hello)
      .when(started())
      .expect(sendLike('client', /^hello/), timer('idle', 10, 'idle'), log('greeted'));
  });

  it('shows the story, what was expected and what came', () => {
    assert.throws(
      () => playbook(hello).when(received('client', 'hi\0')).expect(send('client', 'bye')),
      /when received from=client "hi\\u0000"\nexpected\n {2}send client "bye"\nbut the engine asked for\n {2}send client "hello\\r\\n"\n/,
    );
  });

  it('refuses to pass over actions that nobody expected', () => {
    assert.throws(() => playbook(hello).when(started()).when(started()), /expected\n {2}nothing/);
  });

  it('shows an engine that keeps borrowed bytes', () => {
    let kept: Bytes = new Uint8Array(0);
    const keeper: ProxyEngine = {
      handle: (event) => {
        if (event.type !== 'received') return [{ type: 'send', to: 'server', bytes: kept }];
        kept = event.bytes;
        return [{ type: 'send', to: 'client', bytes: event.bytes }];
      },
    };
    const book = playbook(keeper).when(received('client', 'x')).expect(send('client', 'x'));
    assert.throws(() => book.when(started()).expect(send('server', 'x')), /send server "\\u00ee"/);
  });
});
