import { describe, it } from 'node:test';
import type { Playbook } from '../../../test/support/playbook.ts';
import {
  close,
  connect,
  connected,
  ended,
  playbook,
  received,
  send,
  started,
  testContext,
} from '../../../test/support/playbook.ts';
import { accept, reject } from '../../proxy/policy-action.ts';
import { acceptAs } from '../../proxy/query-settings.ts';
import { whoisProxy } from './index.ts';
import type { WhoisOptions } from './index.ts';

function reading(options: WhoisOptions = {}): Playbook {
  const engine = whoisProxy(options).create(testContext({ targetAddressInband: true }));
  return playbook(engine, { ignoring: ['timer', 'log', 'hold'] }).given(started());
}

describe('whois', () => {
  it('asks the server of the router and passes its answer on', () => {
    reading({ responseHeader: '% asked through a firewall' })
      .when(received('client', ' example.org \n'))
      .expect(connect())
      .when(connected())
      .expect(send('server', ' example.org \r\n'))
      .when(received('server', 'domain: example.org\n\ncaf\xe9\n'))
      .expect(
        send('client', '% asked through a firewall\r\ndomain: example.org\r\n\r\ncaf\xe9\r\n'),
      )
      .when(ended('server'))
      .expect(close('accepted', 'whois.finished'));
  });

  it('asks the policy about the query', () => {
    const options: WhoisOptions = {
      whoisRequest({ query }) {
        if (query === 'secret.example') return reject('Do not ask for that');
        return query.startsWith('-') ? acceptAs({ query: query.slice(1) }) : accept();
      },
    };
    reading(options)
      .when(received('client', 'secret.example\r\n'))
      .expect(
        send('client', 'Zorp: Do not ask for that\r\n'),
        close('denied-by-policy', 'whois.request-refused'),
      );
    reading(options)
      .given(received('client', '-help\r\n'))
      .when(connected())
      .expect(send('server', 'help\r\n'));
  });

  it('refuses what is too long, and control characters', () => {
    reading()
      .when(received('client', `${'x'.repeat(128)}\r\n`))
      .expect(connect());
    reading()
      .when(received('client', 'x'.repeat(129)))
      .expect(
        send('client', 'Zorp: A line is longer than 128 bytes\r\n'),
        close('denied-by-policy', 'whois.line-too-long'),
      );
    reading()
      .when(received('client', 'a\rb\r\n'))
      .expect(
        send('client', 'Zorp: There is a control character in the request\r\n'),
        close('denied-by-policy', 'whois.control-character'),
      );
  });
});
