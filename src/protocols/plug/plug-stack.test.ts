// A plug with a child between its two sides.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { client, clientEnds, server, serverEnds } from '../../../test/support/dialogue.ts';
import { runDialogue } from '../../../test/support/model-pump.ts';
import type { Playbook } from '../../../test/support/playbook.ts';
import {
  close,
  connected,
  contentVerdict,
  elapsed,
  disconnect,
  end,
  ended,
  hold,
  log,
  playbook,
  received,
  relay,
  release,
  resolved,
  stack,
  stackRefused,
  stackVerdict,
  stacked,
  started,
  testContext,
  timer,
  wait,
} from '../../../test/support/playbook.ts';
import { settled } from '../../../test/support/settled.ts';
import { program } from '../../policy/program.ts';
import { service } from '../../policy/service.ts';
import { accept } from '../../proxy/policy-action.ts';
import { faultsOf } from '../../proxy/policy-fault.ts';
import type { PlugOptions } from './index.ts';
import { plugProxy } from './index.ts';

const filter = program('filter', { command: ['/bin/cat'] });
const inner = service('inner', { proxy: plugProxy() });

function connectedWith(options: PlugOptions): Playbook {
  return playbook(plugProxy(options).create(testContext())).given(started()).when(connected());
}

function runningWith(options: PlugOptions): Playbook {
  const engine = plugProxy(options).create(testContext());
  return playbook(engine).given(started(), connected(), stacked());
}

const RUNNING = [
  timer('idle', 600_000, 'idle'),
  relay('client', 'stack-client'),
  relay('stack-server', 'server'),
  relay('server', 'stack-server'),
  relay('stack-client', 'client'),
  release('client'),
  release('server'),
] as const;

describe('a plug with a child', () => {
  it('lets all bytes pass through it', () => {
    for (const child of [filter, inner])
      connectedWith({ stack: child })
        .expect(hold('server'), stack(child.name))
        .when(stacked())
        .expect(...RUNNING);
    const dialogue = [client('question'), server('answer'), clientEnds(), serverEnds()];
    const run = runDialogue(plugProxy({ stack: filter }), dialogue);
    assert.equal(run.output('server'), 'question');
    assert.equal(run.output('client'), 'answer');
    assert.equal(run.closed?.verdict, 'accepted');
  });

  it('passes ends through it, softly always, and ends with it', () => {
    runningWith({ stack: filter, shutdownSoft: false })
      .when(ended('client'))
      .expect(end('stack-client'))
      .when(ended('stack-server'))
      .expect(end('server'))
      .when(ended('server'))
      .expect(end('stack-server'))
      .when(ended('stack-client'))
      .expect(end('client'))
      .when(stackVerdict('accepted', 'program.ended'))
      .expect(close('accepted', 'program.ended'));
  });

  it('reads and throws away what is not copied', () => {
    runningWith({ stack: filter, copyToServer: false })
      .when(received('client', 'unheard'))
      .expect()
      .when(received('stack-server', 'unheard'))
      .expect();
    const run = runDialogue(plugProxy({ stack: filter, copyToClient: false }), [
      client('question'),
      server('unasked'),
    ]);
    assert.equal(run.output('server'), 'question');
    assert.equal(run.output('client'), '');
  });

  it('counts as before, beyond 32 bits too, and times out as before', () => {
    const seen: number[] = [];
    const check = ({ fromClient, fromServer, bandwidthToServer }: Record<string, number>) => {
      seen.push(fromClient ?? 0, fromServer ?? 0, bandwidthToServer ?? 0);
      return accept();
    };
    const statistics = { everyMs: 1_000, check: check as never };
    for (const options of [{ stack: filter }, {}]) {
      seen.length = 0;
      runningWith({ ...options, statistics })
        .when(elapsed('statistics', { fromClient: 5 * 2 ** 32, fromServer: 2 ** 53 - 1 }))
        .expect(timer('statistics', 1_000))
        .when(elapsed('idle'))
        .expect(close('accepted', 'plug.timeout'));
      assert.deepEqual(seen, [5 * 2 ** 32, 2 ** 53 - 1, 5 * 2 ** 32]);
    }
  });
});

describe('the child of a plug', () => {
  it('that may not run ends the session with its reason', () => {
    playbook(plugProxy({ stack: filter }).create(testContext()))
      .given(started(), connected())
      .when(stackRefused({ verdict: 'denied-by-limit', reason: 'limit.max-instances' }))
      .expect(close('denied-by-limit', 'limit.max-instances'));
  });

  it('that refuses the contents cuts the session off', () => {
    for (const word of ['reject', 'drop', 'error'] as const)
      runningWith({ stack: filter })
        .when(contentVerdict(word))
        .expect(close('denied-by-policy', 'plug.content-refused', 'reset'));
    for (const word of ['accept', 'unspecified'] as const)
      runningWith({ stack: filter }).when(contentVerdict(word)).expect();
  });

  it('that fails cuts the session off', () => {
    runningWith({ stack: filter })
      .when(stackVerdict('denied-by-unknown-fail', 'program.failed', 'reset'))
      .expect(close('denied-by-unknown-fail', 'program.failed', 'reset'));
    for (const port of ['stack-client', 'stack-server'] as const)
      runningWith({ stack: filter })
        .when(ended(port, 'ECONNRESET'))
        .expect(close('denied-by-unknown-fail', 'plug.stack-reset', 'reset'));
  });

  it('that is a service and drops the server may have more for the client', () => {
    playbook(plugProxy({ stack: inner }).create(testContext()))
      .given(started(), connected(), stacked())
      .when(ended('stack-server', 'ECONNRESET'))
      .expect(disconnect('server', 'reset'))
      .when(stackVerdict('accepted', 'http.finished'))
      .expect(close('accepted', 'http.finished'));
  });
});

describe('the stack function of a plug', () => {
  it('chooses for each session, at once or with a promise', () => {
    connectedWith({ stack: ({ clientZone }) => (clientZone === undefined ? undefined : filter) })
      .expect(hold('server'), stack('filter'))
      .when(stacked())
      .expect(...RUNNING);
    connectedWith({ stack: () => settled(filter) })
      .expect(hold('server'), wait())
      .when(resolved(filter))
      .expect(stack('filter'))
      .when(stacked())
      .expect(...RUNNING);
  });

  it('may choose none', () => {
    const direct = [
      timer('idle', 600_000, 'idle'),
      relay('client', 'server'),
      relay('server', 'client'),
      release('client'),
      release('server'),
    ];
    connectedWith({ stack: () => undefined }).expect(hold('server'), ...direct);
    playbook(plugProxy({ stack: () => settled(undefined) }).create(testContext()))
      .given(started(), connected(), resolved(undefined))
      .when(ended('client'))
      .expect(end('server'))
      .when(ended('server'))
      .expect(end('client'), close('accepted', 'plug.both-ended'));
  });

  it('that fails or chooses nonsense ends the session', () => {
    connectedWith({
      stack: () => {
        throw new Error('no idea');
      },
    }).expect(
      hold('server'),
      log('policy.function-failed'),
      close('aborted-by-policy-action', 'policy.function-failed'),
    );
    for (const nonsense of ['cat', null, plugProxy()])
      // What JavaScript lets a policy return is what is tested.
      connectedWith({ stack: () => nonsense as never }).expect(
        hold('server'),
        log('policy.invalid-result'),
        close('invalid-policy-call', 'policy.invalid-result'),
      );
  });
});

describe('plugProxy({ stack })', () => {
  it('tells the policy what it may stack', () => {
    assert.deepEqual(plugProxy().stacks, []);
    assert.deepEqual(plugProxy({ stack: filter }).stacks, [filter]);
    const chosen = plugProxy({ stack: () => filter, stacks: [filter, inner] });
    assert.deepEqual(chosen.stacks, [filter, inner]);
  });

  it('explains what bytes pass through', () => {
    assert.match(plugProxy({ stack: filter }).explain(), /through program filter,/);
    assert.match(
      plugProxy({ stack: inner, shutdownSoft: false }).explain(),
      /through service inner,.*by itself/,
    );
    assert.match(plugProxy({ stack: () => inner }).explain(), /what the policy chooses/);
  });

  it('refuses what cannot be stacked, and a list that nothing chooses from', () => {
    const faults = (options: object): string[] =>
      faultsOf(plugProxy(options)).map(({ path }) => path);
    assert.deepEqual(faults({ stack: 'cat' }), ['stack']);
    assert.deepEqual(faults({ stack: filter, stacks: [inner] }), ['stacks']);
    assert.deepEqual(faults({ stacks: [inner] }), ['stacks']);
    assert.deepEqual(faults({ stack: () => inner, stacks: ['cat'] }), ['stacks[0]']);
  });
});
