import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { proxyOf, revisionOf, serviceOf, SessionWorld } from '../../test/support/session-world.ts';
import type { InbandAuthenticationOptions } from '../policy/authentication.ts';
import { inbandAuthentication } from '../policy/authentication.ts';
import type { CheckFunction } from '../policy/authentication-provider.ts';
import { functionProvider } from '../policy/authentication-provider.ts';
import type { AnyAuthorization } from '../policy/authorization.ts';
import { permitGroup } from '../policy/authorization.ts';
import { permitTime } from '../policy/authorization-time.ts';
import type { Service } from '../policy/service.ts';
import { StackedSession } from './session.ts';
import type { SessionAuthenticator } from './session-authenticator.ts';
import { authenticatorOf } from './session-authenticator.ts';

const ALICE = { user: 'alice', password: 'secret' };
const WRONG = { user: 'alice', password: 'wrong' };

/** A world with users, which counts how often its provider was asked. */
class LoginWorld {
  asked = 0;
  readonly world: SessionWorld;
  readonly #load: () => Service;
  #service: Service;

  constructor(
    options: Partial<InbandAuthenticationOptions> = {},
    authorization?: AnyAuthorization,
    check: CheckFunction = (user, password) =>
      user === 'alice' && password === 'secret' ? { groups: ['staff'] } : undefined,
  ) {
    const provider = functionProvider((...parameters) => {
      this.asked++;
      return check(...parameters);
    });
    this.#load = () =>
      serviceOf('web', {
        proxy: proxyOf(() => [], { authentication: 'possible' }),
        authentication: inbandAuthentication({ provider, ...options }),
        ...(authorization !== undefined && { authorization }),
      });
    this.#service = this.#load();
    this.world = new SessionWorld(revisionOf(this.#service));
  }

  session(): StackedSession {
    return this.world.session();
  }

  /** Another policy that says the same. */
  reload(): void {
    this.#service = this.#load();
  }

  /** The authenticator of a new connection of the client. */
  connection(session = this.session()): SessionAuthenticator {
    const made = authenticatorOf(this.world.runtime, session, this.#service);
    assert.ok(made);
    return made;
  }
}

async function typeOf(answer: ReturnType<SessionAuthenticator['check']>): Promise<string> {
  const settled = await answer;
  return settled.type === 'accepted' ? settled.type : settled.reason;
}

describe('SessionAuthenticator', () => {
  it('is there where the service has an authentication policy', () => {
    const service = serviceOf('web', { proxy: proxyOf(() => []) });
    const world = new SessionWorld(revisionOf(service));
    assert.equal(authenticatorOf(world.runtime, world.session(), service), undefined);
  });

  it('opens the seals of its own policy, and of none before a reload', () => {
    const logins = new LoginWorld();
    const sealed = logins.connection().seals.seal('login', 'alice', 60_000);
    assert.equal(logins.connection().seals.open('login', sealed), 'alice');
    logins.reload();
    assert.equal(logins.connection().seals.open('login', sealed), undefined);
  });

  it('accepts who proves a name, and writes it into the session', async () => {
    const logins = new LoginWorld();
    const session = logins.session();
    const authenticator = logins.connection(session);
    assert.equal(session.user, undefined);
    assert.deepEqual(session.groups, []);
    assert.equal(await typeOf(authenticator.check(WRONG)), 'authentication.rejected');
    assert.equal(session.user, undefined);
    assert.deepEqual(await authenticator.check(ALICE), {
      type: 'accepted',
      identity: { user: 'alice', groups: ['staff'] },
    });
    assert.equal(session.user, 'alice');
    assert.deepEqual(session.groups, ['staff']);
    assert.equal(session.connection.identity?.user, 'alice');
  });

  it('never logs a password', async () => {
    const logins = new LoginWorld();
    const authenticator = logins.connection();
    await authenticator.check({ user: 'alice', password: 'hunter2-wrong' });
    await authenticator.check(ALICE);
    const text = JSON.stringify(logins.world.log);
    assert.match(text, /authentication\.rejected/);
    assert.match(text, /authentication\.accepted/);
    assert.doesNotMatch(text, /hunter2|secret"/);
  });

  it('asks the provider about nothing that cannot be right', async () => {
    const logins = new LoginWorld({}, undefined, () => ({}));
    const empty = logins.connection().check({ user: 'alice', password: '' });
    assert.equal(await typeOf(empty), 'authentication.rejected');
    assert.equal(logins.asked, 0);
  });
});

describe('what is remembered', () => {
  it('counts on all connections of a client for its lifetime', async () => {
    const logins = new LoginWorld({ cache: { lifetimeMs: 1_000 } });
    await logins.connection().check(ALICE);
    const answer = logins.connection().check(ALICE);
    assert.ok(!(answer instanceof Promise), 'at once');
    assert.equal(answer.type, 'accepted');
    assert.equal(logins.asked, 1);
    assert.equal(await typeOf(logins.connection().check(WRONG)), 'authentication.rejected');
    logins.world.clock.advance(1_000);
    assert.equal(await typeOf(logins.connection().check(ALICE)), 'accepted');
    assert.equal(logins.asked, 3);
  });

  it('counts on one connection only where the policy says so', async () => {
    const logins = new LoginWorld({ cache: { by: 'session' } });
    const first = logins.connection();
    await first.check(ALICE);
    await first.check(ALICE);
    assert.equal(logins.asked, 1);
    await logins.connection().check(ALICE);
    assert.equal(logins.asked, 2);
  });

  it('remembers no address by a user who may not use the service', async () => {
    const rooms: CheckFunction = (user) => ({ groups: user === 'alice' ? ['staff'] : [] });
    const logins = new LoginWorld({ cache: { by: 'address' } }, permitGroup('staff'), rooms);
    const bob = { user: 'bob', password: 'secret' };
    assert.equal(await typeOf(logins.connection().check(bob)), 'authorization.refused');
    assert.equal(logins.connection().known(), undefined);
    assert.equal(await typeOf(logins.connection().check(ALICE)), 'accepted');
    assert.equal(logins.connection().known()?.type, 'accepted');
  });

  it('counts for an address without a question where the policy says so', async () => {
    const logins = new LoginWorld({ cache: { by: 'address', lifetimeMs: 1_000 } });
    assert.equal(logins.connection().known(), undefined);
    await logins.connection().check(ALICE);
    const session = logins.session();
    assert.equal(logins.connection(session).known()?.type, 'accepted');
    assert.equal(session.user, 'alice');
    logins.world.clock.advance(1_000);
    assert.equal(logins.connection().known(), undefined);
  });

  it('tells its credentials from those of a server, also when its time is over', async () => {
    const logins = new LoginWorld({ cache: { by: 'address', lifetimeMs: 1_000 } });
    await logins.connection().check(ALICE);
    await logins.connection().check(WRONG);
    logins.world.clock.advance(1_000);
    assert.equal(logins.connection().areOurs(ALICE), true);
    assert.equal(logins.connection().areOurs(WRONG), false);
    assert.equal(logins.connection().areOurs({ user: '', password: '' }), false);
    assert.equal(logins.asked, 2);
    const outer = logins.session();
    await logins.connection(outer).check(ALICE);
    const inner = new StackedSession(outer, 'http');
    assert.equal(logins.connection(inner).areOurs(ALICE), false);
  });

  it('is nothing at all where the policy says so', async () => {
    const logins = new LoginWorld({ cache: 'none' });
    const first = logins.connection();
    await first.check(ALICE);
    await first.check(ALICE);
    assert.equal(logins.asked, 2);
    assert.equal(first.known(), undefined);
  });

  it('is asked once for many connections at the same time', async () => {
    const logins = new LoginWorld();
    const answers = [1, 2, 3].map(() => typeOf(logins.connection().check(ALICE)));
    assert.deepEqual(await Promise.all(answers), ['accepted', 'accepted', 'accepted']);
    assert.equal(logins.asked, 1);
  });

  it('ends after maxAuthTimeMs, once', async () => {
    const logins = new LoginWorld({ maxAuthTimeMs: 60_000 });
    const authenticator = logins.connection();
    assert.match(authenticator.challengeId, /^[0-9a-f]+$/);
    assert.equal(await typeOf(authenticator.check(ALICE)), 'accepted');
    logins.world.clock.advance(60_000);
    assert.equal(await typeOf(authenticator.check(ALICE)), 'authentication.time-over');
    logins.world.clock.advance(2_000);
    assert.equal(await typeOf(authenticator.check(ALICE)), 'accepted');
  });

  it('is that of the proxy in which this one is stacked', async () => {
    const logins = new LoginWorld({}, permitGroup('staff'));
    const outer = logins.session();
    await logins.connection(outer).check(ALICE);
    const inner = new StackedSession(outer, 'http');
    assert.equal(inner.user, 'alice');
    assert.equal(logins.connection(inner).known()?.type, 'accepted');
  });
});

describe('bounds', () => {
  it('ends the guessing of a connection', async () => {
    const logins = new LoginWorld({ limits: { maxAttempts: 2 } });
    const authenticator = logins.connection();
    for (const reason of ['rejected', 'rejected', 'too-many-attempts'])
      assert.equal(await typeOf(authenticator.check(WRONG)), `authentication.${reason}`);
    assert.equal(logins.asked, 2);
    assert.equal(await typeOf(logins.connection().check(ALICE)), 'accepted');
  });

  it('ends the guessing of an address for a while, but not what it proved before', async () => {
    const limits = { maxFailures: 3, failureWindowMs: 5_000 };
    const logins = new LoginWorld({ limits });
    await logins.connection().check(ALICE);
    for (let guess = 0; guess < 3; guess++) await logins.connection().check(WRONG);
    const delayed = await logins.connection().check({ user: 'bob', password: 'x' });
    assert.equal(delayed.type, 'delayed');
    assert.ok(delayed.retryAfterMs > 0 && delayed.retryAfterMs <= 5_000);
    assert.equal(await typeOf(logins.connection().check(ALICE)), 'accepted');
    assert.equal(logins.asked, 4);
    logins.world.clock.advance(5_000);
    assert.equal(await typeOf(logins.connection().check(WRONG)), 'authentication.rejected');
  });

  it('counts guesses at the same time before they are answered', async () => {
    const logins = new LoginWorld({ limits: { maxFailures: 3 } });
    const answers = Array.from({ length: 10 }, (_one, index) =>
      typeOf(logins.connection().check({ user: 'alice', password: `guess ${index}` })),
    );
    await Promise.all(answers);
    assert.equal(logins.asked, 3);
  });

  it('has so many checks in work', async () => {
    const never = (): Promise<undefined> => new Promise(() => undefined);
    const logins = new LoginWorld({ limits: { maxChecks: 2, timeoutMs: 1_000 } }, undefined, never);
    const first = typeOf(logins.connection().check(ALICE));
    const second = typeOf(logins.connection().check(WRONG));
    const third = logins.connection().check({ user: 'bob', password: 'x' });
    assert.equal(await typeOf(third), 'authentication.too-many-checks');
    logins.world.clock.advance(1_000);
    assert.equal(await first, 'authentication.provider-failed');
    assert.equal(await second, 'authentication.provider-failed');
    assert.equal(logins.asked, 2);
  });

  it('refuses where the provider fails, and counts no guess', async () => {
    const logins = new LoginWorld({ limits: { maxFailures: 1 } }, undefined, () => {
      throw new Error('no database');
    });
    for (let turn = 0; turn < 3; turn++) {
      const answer = typeOf(logins.connection().check(ALICE));
      assert.equal(await answer, 'authentication.provider-failed');
    }
    assert.match(
      JSON.stringify(logins.world.log),
      /The provider \(a function\) failed: no database/,
    );
  });
});

describe('authorization', () => {
  it('is asked at every use', async () => {
    const office = permitTime([{ from: '00:00', until: '12:00' }]);
    const logins = new LoginWorld({}, office);
    const morning = new Date(logins.world.clock.now());
    const minutesLeft = 12 * 60 - (morning.getHours() * 60 + morning.getMinutes());
    const untilNoon = minutesLeft > 0 ? minutesLeft * 60_000 : 0;
    if (untilNoon > 0) assert.equal(await typeOf(logins.connection().check(ALICE)), 'accepted');
    logins.world.clock.advance(untilNoon);
    const session = logins.session();
    const late = await logins.connection(session).check(ALICE);
    assert.equal(late.type === 'denied' && late.reason, 'authorization.refused');
    assert.equal(session.user, undefined);
  });

  it('permits by groups', async () => {
    const staff = new LoginWorld({}, permitGroup('staff'));
    assert.equal(await typeOf(staff.connection().check(ALICE)), 'accepted');
    const boss = new LoginWorld({}, permitGroup('boss'));
    assert.equal(await typeOf(boss.connection().check(ALICE)), 'authorization.refused');
  });

  it('refuses where it fails', async () => {
    const logins = new LoginWorld({}, () => {
      throw new Error('no list');
    });
    assert.equal(await typeOf(logins.connection().check(ALICE)), 'authorization.failed');
    assert.match(JSON.stringify(logins.world.log), /no list/);
  });
});
