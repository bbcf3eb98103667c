import { describe, it } from 'node:test';
import { asked, GET, OK } from '../../../test/support/http-dialogue.ts';
import { close, elapsed, received, send } from '../../../test/support/playbook.ts';

describe('httpProxy, how a connection goes on or ends', () => {
  it('ends after the response to a client that does not keep the connection', () => {
    asked('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
      .when(received('server', OK))
      .expect(
        send('client', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi'),
        close('accepted', 'http.finished'),
      );
  });

  it('closes after maxKeepaliveRequests', () => {
    asked(GET, { maxKeepaliveRequests: 1 })
      .when(received('server', OK))
      .expect(
        send('client', OK.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')),
        close('accepted', 'http.finished'),
      );
  });

  it('ends quietly between requests', () => {
    asked(GET)
      .given(received('server', OK))
      .when(elapsed('http'))
      .expect(close('accepted', 'http.idle'));
  });
});
