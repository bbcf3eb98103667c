import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Playbook } from '../../../test/support/playbook.ts';
import {
  close,
  connect,
  connected,
  elapsed,
  log,
  playbook,
  received,
  send,
  started,
  testContext,
  timer,
} from '../../../test/support/playbook.ts';
import { showAction } from '../../../test/support/show-action.ts';
import type { ProxyAction } from '../../proxy/engine.ts';
import { Inbox } from './inbox.ts';
import type { CustomOptions, Script } from './index.ts';
import { customProxy } from './index.ts';
import { ReadTimers } from './read-timers.ts';
import { Referee } from './referee.ts';
import { Wire } from './wire.ts';

function make() {
  const lines = { maxLength: 10, lineEnd: 'lf' } as const;
  const inboxes = { client: new Inbox('client', lines), server: new Inbox('server', lines) };
  const wire = new Wire(inboxes, new Referee('guess'), 99);
  const timers = new ReadTimers(inboxes, wire, 500);
  const update = (...reads: ('client' | 'server')[]): string[] => {
    const out: ProxyAction[] = [];
    wire.during(out, () => {
      timers.update(reads);
    });
    return out.map(showAction);
  };
  return { inboxes, timers, update };
}

const ARMED = ['timer read.client 500 total'];
const DISARMED = ['timer read.client off total'];

describe('the timers of what is read', () => {
  it('run from the first byte to the last one', () => {
    const { inboxes, timers, update } = make();
    assert.deepEqual(update('client'), []);
    inboxes.client.push(Uint8Array.of(97), 1);
    assert.deepEqual(update('client', 'server'), ARMED);
    inboxes.client.push(Uint8Array.of(98), 1);
    assert.deepEqual(update('client'), []);
    assert.throws(() => timers.elapsed('read.client'), /did not end what it had begun .* 500 ms/);
    inboxes.client.take(1);
    assert.deepEqual(update('client'), ARMED);
    inboxes.client.take(1);
    assert.deepEqual(update('client'), DISARMED);
    timers.elapsed('read.client');
  });

  it('do not run for a side that nobody reads, or that has ended', () => {
    const { inboxes, timers, update } = make();
    inboxes.client.push(Uint8Array.of(97), 1);
    update('client');
    assert.deepEqual(update('server'), DISARMED);
    timers.elapsed('read.client');
    update('client');
    inboxes.client.end(1);
    assert.deepEqual(update('client'), DISARMED);
    timers.elapsed('idle');
  });
});

const READ = timer('read.client', 300_000);
const READ_NO_MORE = timer('read.client', undefined);

function playing(options: CustomOptions = {}): Playbook {
  const reading: Script = function* ({ client, server, connect, nextLine }) {
    yield* client.readLine();
    yield* client.readBytes(2);
    yield* connect();
    for (;;) server.sendLine((yield* nextLine()).line ?? '');
  };
  return playbook(customProxy('guess', reading, options).create(testContext()));
}

describe('what a side has begun to say', () => {
  it('has its time from its first byte on, and no bytes in between give it more', () => {
    playing({ timeoutReadMs: 5_000 })
      .given(started())
      .when(received('client', 'a'))
      .expect(timer('read.client', 5_000))
      .when(received('client', 'b'))
      .expect()
      .when(elapsed('read.client'))
      .expect(log('custom.read-timeout'), close('denied-by-policy', 'custom.read-timeout'));
  });

  it('has its time anew for each that is complete, and none while nobody reads it', () => {
    playing()
      .given(started())
      .when(received('client', 'line\n1'))
      .expect(READ)
      .when(received('client', '2rest'))
      .expect(connect(), READ_NO_MORE)
      .when(elapsed('read.client')) // one that was on its way
      .expect()
      .when(connected())
      .expect(READ)
      .when(received('server', 'hello\n')) // what another side says does not give it more
      .expect(send('server', 'hello\r\n'))
      .when(elapsed('read.server'))
      .expect();
  });
});
