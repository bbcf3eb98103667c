import { describe, it } from 'node:test';
import { asked, GET, OK, WEB } from '../../../test/support/http-dialogue.ts';
import { connect, disconnect, hold, received, send } from '../../../test/support/playbook.ts';

describe('httpProxy, forwarding', () => {
  it('sends a further request to the same host on the connection that stands', () => {
    asked(GET)
      .given(received('server', OK))
      .when(received('client', GET))
      .expect(send('server', GET), hold('client'));
  });

  it('connects anew for another host', () => {
    asked(GET)
      .given(received('server', OK))
      .when(received('client', 'GET / HTTP/1.1\r\nHost: other.example\r\n\r\n'))
      .expect(hold('client'), disconnect(), connect({ host: 'other.example', port: 80 }));
  });

  it('connects anew for another port', () => {
    const elsewhere = { ...WEB, port: 443 };
    asked(GET)
      .given(received('server', OK))
      .when(received('client', GET.replace('example', 'example:443')))
      .expect(hold('client'), disconnect(), connect(elsewhere));
  });
});
