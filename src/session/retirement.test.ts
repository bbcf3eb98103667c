// What the sessions of a policy hear when new connections get another one.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from '../../test/support/manual-clock.ts';
import {
  noting,
  proxyOf,
  revisionOf,
  serviceOf,
  SessionWorld,
} from '../../test/support/session-world.ts';
import { over, plug } from '../../test/support/stacked-world.ts';
import { sideStackChainer } from '../policy/chainer-side-stack.ts';
import type { AnyService } from '../policy/service.ts';
import { httpProxy } from '../protocols/http/index.ts';
import type { ProxyFactory } from '../proxy/engine.ts';
import type { Revision } from './connection.ts';
import { LiveRevision } from './live-revision.ts';
import { REST_AFTER_MS } from './pump-timers.ts';
import { retireSessions } from './retirement.ts';
import type { RunningSession } from './running-sessions.ts';

const GET = 'GET /a HTTP/1.1\r\nHost: web.example\r\n\r\n';

/** A plug that notes what it hears. */
function heard(events: string[], handler = plug): ProxyFactory {
  return {
    ...proxyOf(() => []),
    create: (context) => {
      const handle = noting(events, handler());
      return { handle: (event) => [...handle(event, context)] };
    },
  };
}

/** A service that runs another one in it, and what both hear. */
function nested(): { outer: string[]; inner: string[]; live: LiveRevision; world: SessionWorld } {
  const [outer, inner]: [string[], string[]] = [[], []];
  const child = serviceOf('inner', { proxy: heard(inner) });
  const parent: ProxyFactory = {
    ...heard(outer),
    stacks: [child],
    create: (context) => {
      const handle = noting(
        outer,
        over(() => child),
      );
      return { handle: (event) => [...handle(event, context)] };
    },
  };
  const live = new LiveRevision(revisionOf(serviceOf('outer', { proxy: parent }), [child]));
  return { outer, inner, live, world: new SessionWorld(live) };
}

function worldOf(service: AnyService): { live: LiveRevision; world: SessionWorld } {
  const live = new LiveRevision(revisionOf(service));
  return { live, world: new SessionWorld(live) };
}

/** A session that does not know when nothing is in work. */
function silent(isRetired: boolean): RunningSession {
  const loaded = { isRetired } as Revision; // nobody looks at the rest
  return { id: 'svc/zorp/web:0', place: 0, loaded, abort: () => undefined };
}

function retire(live: LiveRevision, { runtime, clock }: SessionWorld): void {
  live.retire();
  retireSessions(runtime.sessions, clock);
  clock.advance(5);
}

describe('a policy that is retired', () => {
  it('has its sessions told, those of others not', () => {
    const told: string[] = [];
    const session = (id: string, isRetired: boolean): RunningSession => ({
      ...silent(isRetired),
      retire: () => told.push(id),
    });
    const sessions = [session('old', true), session('new', false), silent(true)];
    const clock = new ManualClock();
    retireSessions(sessions, clock);
    clock.advance(5);
    assert.deepEqual(told, ['old']);
  });

  it('has them told some at a time, after what has come is read, so that others are served in between', () => {
    const told: number[] = [];
    const clock = new ManualClock();
    const sessions = Array.from({ length: 250 }, (_, id) => ({
      ...silent(true),
      retire: () => told.push(id),
    }));
    retireSessions(sessions, clock);
    const counts = [told.length];
    for (; clock.armed > 0; counts.push(told.length)) clock.advance(5);
    assert.deepEqual(counts, [0, 100, 200, 250]);
    assert.equal(new Set(told).size, 250);
  });

  it('is told to what runs in a session, and from its start to what begins later', async () => {
    const { outer, inner, live, world } = nested();
    world.accept();
    world.connected();
    await world.settle();
    retire(live, world);
    assert.deepEqual(
      [outer.at(-1), inner.at(-1)],
      ['retired wasResting=false', 'retired wasResting=false'],
    );
    for (const heardBefore of [outer, inner]) heardBefore.length = 0;
    world.accept();
    world.connected();
    await world.settle();
    assert.deepEqual(outer.slice(0, 2), ['started', 'retired wasResting=false']);
    assert.deepEqual(inner.slice(0, 2), ['started', 'retired wasResting=false']);
  });

  it('is told to what stands beside a session', async () => {
    const events: string[] = [];
    const chainer = sideStackChainer({ proxy: heard(events) });
    const { live, world } = worldOf(serviceOf('outer', { proxy: heard([]), chainer }));
    world.accept();
    world.connected();
    await world.settle();
    retire(live, world);
    assert.equal(events.at(-1), 'retired wasResting=false');
    events.length = 0;
    world.accept();
    world.connected();
    await world.settle();
    assert.deepEqual(events.slice(0, 2), ['started', 'retired wasResting=false']);
  });

  it('ends HTTP sessions at rest; who waits for a first request stays awake, and has no second one', async () => {
    const ok = 'HTTP/1.1 200 OK\r\nDate: now\r\nContent-Length: 2\r\n\r\nhi';
    const { live, world } = worldOf(serviceOf('web', { proxy: httpProxy() }));
    const kept = world.accept();
    kept.says(GET);
    await world.settle();
    world.connected().says(ok);
    await world.settle();
    world.clock.advance(REST_AFTER_MS + 1);
    assert.equal(kept.isAtRest, true);
    const late = world.accept();
    await world.settle();
    retire(live, world);
    await world.settle();
    assert.deepEqual(kept.calls.slice(-1), ['end']);
    world.clock.advance(REST_AFTER_MS + 1);
    assert.equal(late.isAtRest, false);
    late.says(GET);
    await world.settle();
    world.connected().says(ok);
    await world.settle();
    assert.match(late.output, /^HTTP\/1\.1 200 OK\r\n[^]*Connection: close\r\n/);
    assert.deepEqual(late.calls.slice(-1), ['end']);
  });
});
