// A plug that takes further flows of its client over UDP.
import { describe, it } from 'node:test';
import type { Playbook } from '../../../test/support/playbook.ts';
import {
  accepted,
  claim,
  close,
  connect,
  connected,
  connectFailed,
  disconnect,
  elapsed,
  ended,
  hold,
  log,
  playbook,
  received,
  relay,
  relayed,
  release,
  started,
  testContext,
  timer,
} from '../../../test/support/playbook.ts';
import { plugProxy } from './index.ts';
import type { PlugOptions } from './index.ts';

function begun(options: PlugOptions = {}, protocol: 'tcp' | 'udp' = 'udp'): Playbook {
  const proxy = plugProxy({ secondarySessions: 3, ...options });
  return playbook(proxy.create(testContext({ protocol }))).given(started());
}

function running(options: PlugOptions = {}): Playbook {
  return begun(options).given(connected());
}

const FIRST = [
  timer('idle', 600_000, 'idle'),
  relay('client', 'server'),
  relay('server', 'client'),
  release('client'),
] as const;

describe('a plug with secondary sessions', () => {
  it('claims them over UDP, and over UDP alone', () => {
    begun()
      .when(connected())
      .expect(...FIRST, claim(3));
    begun({}, 'tcp')
      .when(connected())
      .expect(...FIRST);
    begun({ secondarySessions: 0 })
      .when(connected())
      .expect(...FIRST);
  });

  it('connects a server for each, and copies between the two', () => {
    running()
      .when(accepted('client#1'))
      .expect(hold('client#1'), connect(undefined, 'server#1'))
      .when(accepted('client#2'))
      .expect(hold('client#2'), connect(undefined, 'server#2'))
      .when(connected(undefined, 'server#2'))
      .expect(relay('client#2', 'server#2'), relay('server#2', 'client#2'), release('client#2'))
      .when(connected(undefined, 'server#1'))
      .expect(relay('client#1', 'server#1'), relay('server#1', 'client#1'), release('client#1'));
  });

  it('throws away what is not copied, in all of them', () => {
    running({ copyToClient: false })
      .given(accepted('client#1'))
      .when(connected(undefined, 'server#1'))
      .expect(relay('client#1', 'server#1'), release('client#1'))
      .when(received('server#1', 'unheard'))
      .expect();
    running({ copyToServer: false })
      .given(accepted('client#1'))
      .when(connected(undefined, 'server#1'))
      .expect(relay('server#1', 'client#1'), release('client#1'));
  });

  it('goes on when one of them is over, whichever', () => {
    running()
      .given(accepted('client#1'), connected(undefined, 'server#1'))
      .when(relayed('server#1', 'client#1', 5, 'cut-short'))
      .expect()
      .when(ended('server#1', 'ECONNREFUSED'))
      .expect(disconnect('client#1'), disconnect('server#1'))
      .when(ended('server', 'ECONNREFUSED'))
      .expect(close('accepted', 'plug.server-reset', 'reset'));
    running()
      .given(accepted('client#1'), connected(undefined, 'server#1'))
      .when(ended('client', 'ECONNREFUSED'))
      .expect(disconnect('client'), disconnect('server'))
      .when(accepted('client#2'))
      .expect(hold('client#2'), connect(undefined, 'server#2'))
      .when(ended('client#1', 'ECONNREFUSED'))
      .expect(disconnect('client#1'), disconnect('server#1'))
      .when(ended('client#2', 'ECONNREFUSED'))
      .expect(
        disconnect('client#2'),
        disconnect('server#2'),
        close('accepted', 'plug.flows-ended'),
      );
  });

  it('ends all of them when nothing moves', () => {
    running()
      .given(accepted('client#1'))
      .when(elapsed('idle'))
      .expect(close('accepted', 'plug.timeout'));
  });

  it('claims no more when the server side of one was refused: they are decided by themselves', () => {
    running()
      .given(accepted('client#1'))
      .when(connectFailed({ reason: 'connect.local-address' }, 'server#1'))
      .expect(log('plug.flow-refused'), disconnect('client#1'), disconnect('server#1'), claim(0));
  });
});
