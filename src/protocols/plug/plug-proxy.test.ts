import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  client,
  clientEnds,
  clientResets,
  elapses,
  server,
  serverEnds,
} from '../../../test/support/dialogue.ts';
import { runDialogue } from '../../../test/support/model-pump.ts';
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
  started,
  testContext,
  timer,
  wait,
} from '../../../test/support/playbook.ts';
import { settled } from '../../../test/support/settled.ts';
import { abort, accept, drop, reject } from '../../proxy/policy-action.ts';
import { TRUNCATED } from '../../proxy/truncation.ts';
import { plugProxy } from './index.ts';
import type { PlugCheck, PlugOptions, PlugStatistics } from './index.ts';

function copying(options: PlugOptions = {}, context = testContext()): Playbook {
  return playbook(plugProxy(options).create(context)).given(started(), connected());
}

describe('a plug', () => {
  it('connects, and then lets everything pass in both directions', () => {
    playbook(plugProxy().create(testContext()))
      .when(started())
      .expect(hold('client'), connect())
      .when(connected())
      .expect(
        timer('idle', 600_000, 'idle'),
        relay('client', 'server'),
        relay('server', 'client'),
        release('client'),
      );
  });

  it('keeps what the client says before the server is there', () => {
    const run = runDialogue(plugProxy(), [client('hello'), server('welcome'), client(' again')], {
      answers: 'after-the-turn',
    });
    assert.equal(run.output('server'), 'hello again');
    assert.equal(run.output('client'), 'welcome');
  });

  it('ends as a failed connection says', () => {
    playbook(plugProxy().create(testContext()))
      .given(started())
      .when(connectFailed({ reason: 'zone.outbound', verdict: 'denied-by-policy' }))
      .expect(close('denied-by-policy', 'zone.outbound'));
  });

  it('reads and throws away a direction that is not copied', () => {
    playbook(plugProxy({ copyToServer: false, timeoutMs: 5 }).create(testContext()))
      .given(started())
      .when(connected())
      .expect(timer('idle', 5, 'idle'), relay('server', 'client'), release('client'))
      .when(received('client', 'unheard'))
      .expect();
    const dialogue = [client('question'), server('unasked'), server(' answer')];
    const run = runDialogue(plugProxy({ copyToClient: false }), dialogue);
    assert.equal(run.output('server'), 'question');
    assert.equal(run.output('client'), '');
  });

  it('ends after a time without traffic', () => {
    copying().when(elapsed('idle')).expect(close('accepted', 'plug.timeout'));
  });

  it('only closes when the connection is refused', () => {
    const refusal = { reason: 'rule.deny', verdict: 'denied-by-policy', message: 'No' } as const;
    playbook(plugProxy().create({ ...testContext(), refusal }))
      .when(started())
      .expect(close('denied-by-policy', 'rule.deny'));
  });
});

describe('the end of one side of a plug', () => {
  it('ends both without shutdownSoft, after what was sent', () => {
    copying({ shutdownSoft: false })
      .when(relayed('client', 'server', 10, 'cut-short'))
      .expect()
      .when(ended('client'))
      .expect(close('accepted', 'plug.client-ended'));
    copying({ shutdownSoft: false })
      .when(ended('server'))
      .expect(close('accepted', 'plug.server-ended'));
  });

  it('is passed on, and the other side goes on', () => {
    copying()
      .when(ended('client'))
      .expect(end('server'))
      .when(ended('client'))
      .expect()
      .when(ended('server'))
      .expect(end('client'), close('accepted', 'plug.both-ended'));
    const dialogue = [client('question'), clientEnds(), server('answer'), serverEnds()];
    const run = runDialogue(plugProxy(), dialogue);
    assert.equal(run.output('client'), 'answer');
  });

  it('is passed on under another proxy', () => {
    copying({}, testContext({ isStacked: true }))
      .when(ended('server'))
      .expect(end('client'));
  });

  it('is passed on as a reset if it was one', () => {
    copying()
      .when(ended('server', 'ECONNRESET'))
      .expect(close('accepted', 'plug.server-reset', 'reset'));
    copying()
      .when(ended('client', TRUNCATED))
      .expect(close('accepted', 'plug.client-truncated', 'reset'));
    const run = runDialogue(plugProxy({ shutdownSoft: true }), [clientEnds(), clientResets()]);
    assert.deepEqual(run.closed?.reason, 'plug.client-reset');
  });
});

describe('the statistics of a plug', () => {
  function watched(check: PlugCheck): Playbook {
    return copying({ statistics: { everyMs: 500, check } });
  }

  it('are counted from the start, in bytes a second', () => {
    const seen: PlugStatistics[] = [];
    const check: PlugCheck = (statistics, session) => {
      assert.equal(session.clientZone?.name, 'intranet');
      seen.push(statistics);
      return accept();
    };
    watched(check)
      .when(elapsed('statistics', { fromClient: 100, fromServer: 2000 }))
      .expect(timer('statistics', 500))
      .when(elapsed('statistics', { fromClient: 100, fromServer: 3000 }))
      .expect(timer('statistics', 500));
    const first = { fromClient: 100, bandwidthToServer: 200, elapsedMs: 500 };
    const second = { fromClient: 100, bandwidthToServer: 100, elapsedMs: 1000 };
    assert.deepEqual(seen, [
      { ...first, fromServer: 2000, bandwidthToClient: 4000 },
      { ...second, fromServer: 3000, bandwidthToClient: 3000 },
    ]);
  });

  it('know that nothing flows in a direction that is not copied', () => {
    const seen: number[] = [];
    const check: PlugCheck = ({ bandwidthToClient, bandwidthToServer }) => {
      seen.push(bandwidthToServer, bandwidthToClient);
      return accept();
    };
    const statistics = { everyMs: 1000, check };
    runDialogue(plugProxy({ copyToServer: false, copyToClient: false, statistics }), [
      client('abc'),
      server('de'),
      elapses('statistics'),
    ]);
    assert.deepEqual(seen, [0, 0]);
  });

  it('end the session unless the policy accepts', () => {
    for (const answer of [abort(), reject('enough'), drop()])
      watched(() => answer)
        .when(elapsed('statistics'))
        .expect(close('aborted-by-policy-action', 'plug.statistics-refused'));
  });

  it('wait for a promise', () => {
    watched(() => settled(accept()))
      .when(elapsed('statistics'))
      .expect(wait())
      .when(resolved(accept()))
      .expect(timer('statistics', 500))
      .when(elapsed('statistics'))
      .expect(wait())
      .when(resolved(abort()))
      .expect(close('aborted-by-policy-action', 'plug.statistics-refused'));
  });

  it('end the session when the function fails', () => {
    const failing = () => {
      throw new Error('no database');
    };
    const failed = [
      log('policy.function-failed'),
      close('aborted-by-policy-action', 'policy.function-failed'),
    ];
    watched(failing)
      .when(elapsed('statistics'))
      .expect(...failed);
    watched(() => settled(accept()))
      .given(elapsed('statistics'))
      .when(rejected(new Error('no database')))
      .expect(...failed);
  });

  it('end the session when the answer is nonsense', () => {
    for (const answer of [undefined, true, 'accept', { action: 'perhaps' }]) {
      const check = (() => answer) as unknown as PlugCheck; // what only an unchecked policy returns
      watched(check)
        .when(elapsed('statistics'))
        .expect(
          log('policy.invalid-result'),
          close('invalid-policy-call', 'policy.invalid-result'),
        );
    }
  });
});
