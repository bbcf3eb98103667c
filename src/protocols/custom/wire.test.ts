import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { showAction } from '../../../test/support/show-action.ts';
import type { ProxyAction } from '../../proxy/engine.ts';
import { Inbox } from './inbox.ts';
import { Referee } from './referee.ts';
import { otherSide, Wire } from './wire.ts';

function makeWire() {
  const lines = { maxLength: 10, lineEnd: 'lf' } as const;
  const inboxes = { client: new Inbox('client', lines), server: new Inbox('server', lines) };
  const referee = new Referee('guess');
  const wire = new Wire(inboxes, referee, 3);
  const out: ProxyAction[] = [];
  const during = (act: () => void): string[] => {
    out.length = 0;
    wire.during(out, act);
    return out.map(showAction);
  };
  return { wire, during, inboxes, referee };
}

const A = Uint8Array.of(97, 97, 97);

describe('a wire', () => {
  it('acts only while an event is handled', () => {
    const { wire, during } = makeWire();
    assert.throws(() => {
      wire.send('client', A);
    }, /acted while it did not run/);
    assert.throws(() =>
      during(() => {
        throw new Error('in between');
      }),
    );
    assert.throws(() => {
      wire.end('client');
    }, /acted while it did not run/);
  });

  it('hears nothing of a server that is not there', () => {
    const { wire, inboxes } = makeWire();
    wire.received('server', A);
    assert.equal(wire.ended('server'), false);
    assert.equal(inboxes.server.length, 0);
    wire.connectEnded(undefined); // nobody asked
    assert.equal(wire.server, 'absent');
  });

  it('holds a side while nobody reads it and enough waits', () => {
    const { wire, during, inboxes } = makeWire();
    wire.received('client', A);
    const update = (...reads: 'client'[]) => during(() => wire.updateHolds(reads));
    assert.deepEqual(update('client'), []);
    assert.deepEqual(update(), ['hold client']);
    assert.deepEqual(update(), []);
    assert.deepEqual(update('client'), ['release client']);
    assert.deepEqual(update(), ['hold client']);
    inboxes.client.take(1);
    assert.deepEqual(update(), ['release client']);
  });

  it('counts turns by who speaks', () => {
    const { wire, during, inboxes } = makeWire();
    during(() => wire.connect(undefined));
    wire.connectEnded(undefined);
    for (const side of ['client', 'client', 'server', 'client'] as const) wire.received(side, A);
    assert.equal(inboxes.server.bytesTurn, 2);
    inboxes.client.take(6);
    assert.equal(inboxes.client.bytesTurn, 3);
  });

  it('gives what a promise came to once, and only to who waits', () => {
    const { wire, during } = makeWire();
    wire.resolved({ ok: true, value: 0 });
    assert.equal(wire.takeOutcome(), undefined);
    during(() => wire.wait(Promise.resolve()));
    assert.equal(wire.takeOutcome(), undefined);
    wire.resolved({ ok: true, value: 1 });
    assert.deepEqual(wire.takeOutcome(), { ok: true, value: 1 });
    assert.equal(wire.takeOutcome(), undefined);
  });

  it('relays what waits, then the rest, unless that side has ended', () => {
    const { wire, during } = makeWire();
    during(() => wire.connect({ host: 'a', port: 1 }));
    wire.connectEnded(undefined);
    wire.received('server', A);
    const passage = { from: 'server', length: 5, moved: 0, isOver: false } as const;
    const running = { ...passage };
    assert.deepEqual(
      during(() => wire.pass(running)),
      ['send client "aaa"', 'relay server -> client 2'],
    );
    wire.relayed('client', 9); // not that one
    wire.relayed('server', 1);
    assert.deepEqual(running, { ...passage, moved: 4, isOver: true });
    assert.equal(wire.canTell, false);
    during(() => wire.ended('server'));
    assert.deepEqual(
      during(() => wire.passAll('direct')),
      ['relay client -> server Infinity', 'end client'],
    );
  });

  it('throws away what nobody wants, and begins nothing before that is done', () => {
    const { wire, during, inboxes } = makeWire();
    wire.received('client', A);
    during(() => wire.drop('client', 5));
    let hasBegun = false;
    wire.whenInStep(() => (hasBegun = true));
    assert.equal(inboxes.client.length, 0);
    wire.received('client', A.subarray(2));
    assert.equal(hasBegun, false);
    wire.received('client', A);
    assert.deepEqual([hasBegun, inboxes.client.length], [true, 2]);
    during(() => wire.drop('client', Infinity));
    hasBegun = false;
    wire.whenInStep(() => (hasBegun = true));
    wire.received('client', A);
    assert.deepEqual([hasBegun, inboxes.client.length], [false, 0]);
    during(() => wire.ended('client'));
    assert.equal(hasBegun, true);
  });

  it('refuses to relay to a side that it has ended', () => {
    const { wire, during } = makeWire();
    during(() => wire.end('client'));
    assert.throws(
      () => during(() => wire.checkRelay()),
      /relayed to the client after it had ended/,
    );
  });
});

describe('otherSide()', () => {
  it('is the one that talks to a side', () => {
    assert.equal(otherSide('client'), 'server');
    assert.equal(otherSide('server'), 'client');
  });
});
