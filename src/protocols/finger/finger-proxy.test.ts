import { describe, it } from 'node:test';
import type { Playbook } from '../../../test/support/playbook.ts';
import {
  close,
  connect,
  connected,
  connectFailed,
  ended,
  playbook,
  received,
  send,
  started,
  testContext,
} from '../../../test/support/playbook.ts';
import { accept, reject } from '../../proxy/policy-action.ts';
import type { ProxySession } from '../../proxy/proxy-session.ts';
import { acceptAs } from '../../proxy/query-settings.ts';
import { fingerProxy } from './index.ts';
import type { FingerOptions } from './index.ts';

function reading(options: FingerOptions = {}, session: Partial<ProxySession> = {}): Playbook {
  const engine = fingerProxy(options).create(testContext(session));
  return playbook(engine, { ignoring: ['timer', 'log', 'hold'] }).given(started());
}

describe('finger', () => {
  it('asks for a user and passes the answer on', () => {
    reading()
      .when(received('client', '/w  root\n'))
      .expect(connect())
      .when(connected())
      .expect(send('server', '/W root\r\n'))
      .when(received('server', 'Login: root\nNo Plan.\n'))
      .expect(send('client', 'Login: root\r\nNo Plan.\r\n'))
      .when(ended('server'))
      .expect(close('accepted', 'finger.finished'));
  });

  it('asks for the list of users', () => {
    reading().given(received('client', '\r\n')).when(connected()).expect(send('server', '\r\n'));
  });

  it('forwards no request unless told to', () => {
    reading()
      .given(received('client', 'root@a@b\r\n'))
      .when(connected())
      .expect(send('server', 'root\r\n'));
    reading({ maxHopCount: 1 })
      .given(received('client', 'root@a@b\r\n'))
      .when(connected())
      .expect(send('server', 'root@a\r\n'));
  });

  it('goes to the host that is named where the router lets it, and otherwise never', () => {
    reading({}, { targetAddressInband: true })
      .when(received('client', 'root@a.example\r\n'))
      .expect(connect({ host: 'a.example', port: 79 }))
      .when(connected())
      .expect(send('server', 'root\r\n'));
    reading({ maxHopCount: 'unlimited' })
      .when(received('client', 'root@a.example\r\n'))
      .expect(connect());
    reading({}, { targetAddressInband: true })
      .when(received('client', 'root\r\n'))
      .expect(connect())
      .when(connectFailed({ reason: 'route.no-target', message: 'Which server?' }))
      .expect(
        send('client', 'Zorp: Which server?\r\n'),
        close('denied-by-connection-fail', 'route.no-target'),
      );
  });

  it('asks the policy about what would go to the server', () => {
    const options: FingerOptions = {
      maxHopCount: 1,
      fingerRequest(request) {
        if (request.username === '') return reject('No lists of users');
        return request.isDetailed ? acceptAs({ ...request, isDetailed: false }) : accept();
      },
    };
    reading(options)
      .when(received('client', '/W\r\n'))
      .expect(
        send('client', 'Zorp: No lists of users\r\n'),
        close('denied-by-policy', 'finger.request-refused'),
      );
    reading(options)
      .given(received('client', '/W root@a@b\r\n'))
      .when(connected())
      .expect(send('server', 'root@a\r\n'));
  });

  it('may be sent to another server by the policy, where the router lets it', () => {
    const options: FingerOptions = {
      fingerRequest: (request) => acceptAs({ ...request, server: 'users.example' }),
    };
    reading(options, { targetAddressInband: true })
      .when(received('client', 'root\r\n'))
      .expect(connect({ host: 'users.example', port: 79 }));
  });

  it('refuses what is no request', () => {
    reading()
      .when(received('client', '-l\r\n'))
      .expect(
        send('client', 'Zorp: The name of a user has characters that are not allowed\r\n'),
        close('denied-by-policy', 'finger.bad-username'),
      );
    reading()
      .when(received('client', 'x'.repeat(133)))
      .expect(
        send('client', 'Zorp: A line is longer than 132 bytes\r\n'),
        close('denied-by-policy', 'finger.line-too-long'),
      );
  });
});
