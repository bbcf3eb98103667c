import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { storeProxy } from '../../policies/custom-proxy.ts';
import { httpProxy } from '../protocols/http/index.ts';
import { plugProxy } from '../protocols/plug/index.ts';
import type { ProxyAction, ProxyEvent, ProxyFactory } from './engine.ts';
import { playProxy } from './play-proxy.ts';
import { accept } from './policy-action.ts';

/** A proxy that answers each event with the next actions of a list, and takes the events down. */
function listed(...answers: ProxyAction[][]): { proxy: ProxyFactory; events: ProxyEvent[] } {
  const events: ProxyEvent[] = [];
  const handle = (event: ProxyEvent): ProxyAction[] => {
    events.push(event);
    return answers.shift() ?? [];
  };
  const proxy: ProxyFactory = {
    ...{ name: 'listed', tellsRefusals: false, stacks: [], explain: () => '' },
    create: () => ({ handle }),
  };
  return { proxy, events };
}

describe('playProxy()', () => {
  it('plays the example policy', () => {
    const play = playProxy(storeProxy, { session: { clientZone: { name: 'intranet' } } });
    play.server.say('+ ready\r\n');
    assert.equal(play.client.heard(), '+ ready\r\n');

    play.client.say('SET intranet:colour blue\r\n');
    assert.equal(play.server.heard(), 'SET intranet:colour blue\r\n');
    play.server.say('+ stored\r\n');
    assert.equal(play.client.heard(), '+ stored\r\n');

    play.client.say('FLUSH\r\n');
    assert.equal(play.client.heard(), '- only GET and SET are permitted\r\n');
    play.client.say('GET dmz:secret\r\n');
    assert.equal(play.client.heard(), '- The keys of this zone begin with intranet:\r\n');
    assert.equal(play.server.heard(), '');
    assert.deepEqual(play.ending(), {
      verdict: 'denied-by-policy',
      reason: 'custom.rejected',
      message: 'The keys of this zone begin with intranet:',
    });
  });

  it('plays any proxy: a plug', () => {
    const play = playProxy(plugProxy({ timeoutMs: 1000 }));
    play.client.say('question');
    play.client.end();
    assert.equal(play.server.heard(), 'question');
    assert.ok(play.server.heardEnd());
    play.server.say('answer');
    assert.equal(play.client.heard(), 'answer');
    play.elapse('no such timer');
    assert.equal(play.ending(), undefined);
    play.elapse('idle');
    assert.equal(play.ending()?.reason, 'plug.timeout');
    play.client.say('too late');
    assert.equal(play.server.heard(), '');
  });

  it('plays any proxy: HTTP, and waits for what its policy asks', async () => {
    const check = () => Promise.resolve(accept());
    const play = playProxy(httpProxy({ request: { GET: check } }));
    play.client.say('GET / HTTP/1.1\r\nHost: a.example\r\n\r\n');
    assert.equal(play.server.heard(), '');
    await play.settle();
    assert.match(play.server.heard(), /^GET \/ HTTP\/1\.1\r\n/);
    assert.deepEqual(play.connects.length, 1);
  });

  it('plays at a given time', () => {
    const now = Date.UTC(1994, 10, 6, 8, 49, 37);
    const play = playProxy(httpProxy({ request: {} }), { now });
    play.client.say('GET / HTTP/1.1\r\nHost: a.example\r\n\r\n');
    assert.match(play.client.heard(), /\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n/);
  });

  it('tells what failed: a connect, a promise, and what there is none of in a play', async () => {
    const failure = { reason: 'r', verdict: 'denied-by-policy', message: 'm' } as const;
    const { proxy, events } = listed(
      [
        { type: 'connect', port: 'server', target: { host: 'a.example', port: 80 } },
        { type: 'stack', child: { kind: 'service', name: 'child' } },
        { type: 'expect', port: 'client#1', timeoutMs: 1 },
        { type: 'claim', side: 'client', max: 1 },
        { type: 'content-hint', length: 1 },
        { type: 'wait', promise: Promise.reject(new Error('no')) },
      ],
      [{ type: 'connect', port: 'server' }],
    );
    const play = playProxy(proxy, { connects: [failure] });
    await play.settle();
    assert.deepEqual(
      events.map(({ type }) => type),
      ['started', 'resolved', 'connect-failed', 'stack-refused', 'expect-failed', 'connected'],
    );
    assert.deepEqual(play.connects, [{ host: 'a.example', port: 80 }, undefined]);
  });

  it('disarms timers, drops connections and ends without a message', () => {
    const { proxy, events } = listed(
      [
        { type: 'timer', timer: 't', afterMs: 5, mode: 'total' },
        { type: 'timer', timer: 't', afterMs: undefined, mode: 'total' },
        { type: 'connect', port: 'server' },
      ],
      [{ type: 'disconnect', port: 'server' }],
      [{ type: 'close', verdict: 'accepted', reason: 'done' }],
    );
    const play = playProxy(proxy);
    play.elapse('t');
    play.server.say('nobody hears it');
    assert.deepEqual(
      events.map(({ type }) => type),
      ['started', 'connected'],
    );
    play.client.say('bye');
    assert.deepEqual(play.ending(), { verdict: 'accepted', reason: 'done' });
  });
});
