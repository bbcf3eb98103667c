// Server connections that go to whoever of the service needs one next.
import { describe, it } from 'node:test';
import { begun, GET, OK, page, WEB } from '../../../test/support/http-dialogue.ts';
import type { Playbook } from '../../../test/support/playbook.ts';
import {
  connect,
  connected,
  connectedShared,
  connectShared,
  close,
  disconnect,
  elapsed,
  end,
  ended,
  giveBack,
  hold,
  received,
  release,
  send,
  sendLike,
} from '../../../test/support/playbook.ts';
import type { Accept } from '../../proxy/policy-action.ts';
import { accept } from '../../proxy/policy-action.ts';
import { changeName, replace } from './rules/header-action.ts';
import type { HttpRequest } from './rules/http-request.ts';

const POST = 'POST /a HTTP/1.1\r\nHost: web.example\r\nContent-Length: 2\r\n\r\nhi';

function sharing(): Playbook {
  return begun({ shareServerConnections: true });
}

describe('httpProxy with shareServerConnections', () => {
  it('takes any connection for a request, and gives it back when no other request follows', () => {
    sharing()
      .when(received('client', GET))
      .expect(hold('client'), connectShared(WEB, 'any'))
      .when(connectedShared('new'))
      .expect(send('server', GET))
      .when(received('server', OK))
      .expect(send('client', OK), release('client'))
      .when(elapsed('http.share'))
      .expect(giveBack())
      .when(received('client', GET))
      .expect(hold('client'), connectShared(WEB, 'any'))
      .when(connectedShared('reused'))
      .expect(send('server', GET));
  });

  it('uses its connection again for the next request, and keeps it while that is in work', () => {
    sharing()
      .given(received('client', GET), connectedShared('new'))
      .when(received('server', OK))
      .expect(send('client', OK), release('client'))
      .when(received('client', GET))
      .expect(send('server', GET), hold('client'))
      .when(elapsed('http.share'))
      .expect()
      .when(ended('server'))
      .expect(disconnect(), connectShared(WEB, 'new'));
  });

  it('gives a connection back when the client wants another server, or ends', () => {
    const other = { host: 'other.example', port: 80 };
    sharing()
      .given(received('client', GET), connectedShared('new'), received('server', OK))
      .when(received('client', GET.replace('web.example', 'other.example')))
      .expect(hold('client'), giveBack(), connectShared(other, 'any'));
    sharing()
      .given(received('client', GET), connectedShared('new'), received('server', OK))
      .when(ended('client'))
      .expect(giveBack(), close('accepted', 'http.finished'));
  });

  it('gives a connection back but once', () => {
    sharing()
      .given(received('client', GET), connectedShared('new'), received('server', OK))
      .given(elapsed('http.share'))
      .when(elapsed('http.share'))
      .expect()
      .when(ended('client'))
      .expect(close('accepted', 'http.finished'));
  });

  it('keeps a connection for itself that nobody else may have', () => {
    sharing()
      .given(received('client', GET), connected())
      .when(received('server', OK))
      .expect(send('client', OK), release('client'))
      .when(received('client', GET))
      .expect(send('server', GET), hold('client'));
  });

  it('asks the server to keep the connection of a client that does not keep its own', () => {
    sharing()
      .given(received('client', withField('Connection: close')))
      .when(connectedShared('new'))
      .expect(send('server', GET))
      .when(received('server', OK))
      .expect(
        send('client', OK.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')),
        giveBack(),
        close('accepted', 'http.finished'),
      );
  });

  it('sends what cannot be repeated over a new connection, which it gives back', () => {
    sharing()
      .when(received('client', POST))
      .expect(hold('client'), connectShared(WEB, 'new'))
      .given(connectedShared('new'))
      .when(received('server', OK))
      .expect(send('client', OK), release('client'))
      .when(elapsed('http.share'))
      .expect(giveBack());
  });

  for (const scheme of ['NTLM TlRMTVNTUAAB', 'negotiate YIIB', 'Unheard-Of x'])
    it(`shares no connection over which "${scheme}" goes`, () => {
      sharing()
        .when(received('client', withField(`Authorization: ${scheme}`)))
        .expect(hold('client'), connect(WEB))
        .given(connected())
        .when(received('server', OK))
        .expect(send('client', OK), release('client'));
    });

  it('gives a connection back before it asks over one of its own as a user of the connection', () => {
    sharing()
      .given(received('client', GET), connectedShared('new'), received('server', OK))
      .when(received('client', withField('Authorization: NTLM TlRMTVNTUAAB')))
      .expect(hold('client'), giveBack(), connect(WEB))
      .given(connected(), received('server', OK))
      .when(elapsed('http.share'))
      .expect();
  });

  for (const [by, options] of Object.entries({
    'a field rule': { requestHeader: { Authorization: replace('NTLM TlRMTVNTUAAB') } },
    'a name that a rule gives': { requestHeader: { 'X-Token': changeName('Authorization') } },
    'a function of the policy': { request: { GET: withNegotiate } },
  }))
    it(`shares no connection over which credentials of the connection go by ${by}`, () => {
      const asked = withField('X-Token: Kerberos x');
      begun({ shareServerConnections: true, ...options })
        .when(received('client', asked))
        .expect(hold('client'), connect(WEB));
    });

  it('shares connections over which the policy says who each request is from', () => {
    const requestHeader = { Authorization: replace('Basic YTpi') };
    begun({ shareServerConnections: true, requestHeader })
      .when(received('client', GET))
      .expect(hold('client'), connectShared(WEB, 'any'));
  });

  for (const scheme of ['Basic YTpi', 'bearer t', 'Digest username="a"'])
    it(`shares connections over which "${scheme}" goes, as it says who each request is from`, () => {
      sharing()
        .when(received('client', withField(`Authorization: ${scheme}`)))
        .expect(hold('client'), connectShared(WEB, 'any'));
    });

  it('never gives a connection back over which more came than the response', () => {
    sharing()
      .given(received('client', GET), connectedShared('new'))
      .when(received('server', `${OK}HTTP/1.1 200 OK\r\n`))
      .expect(send('client', OK), disconnect(), release('client'));
  });

  it('never gives a connection back that the server does not keep', () => {
    sharing()
      .given(received('client', GET), connectedShared('new'))
      .when(received('server', OK.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')))
      .expect(send('client', OK), disconnect(), release('client'));
  });

  it('never gives a connection back while the client still sends the body', () => {
    sharing()
      .given(received('client', POST.slice(0, -1)), connectedShared('new'))
      .when(received('server', OK))
      .expect(
        send('client', OK.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')),
        disconnect(),
        end('client'),
      );
  });

  it('repeats a request over a new connection, once, when a reused one is lost', () => {
    sharing()
      .given(received('client', GET), connectedShared('reused'))
      .when(ended('server', 'ECONNRESET'))
      .expect(disconnect(), connectShared(WEB, 'new'))
      .when(connectedShared('new'))
      .expect(send('server', GET))
      .when(ended('server', 'ECONNRESET'))
      .expect(
        disconnect(),
        sendLike('client', page(502, 'http.server-closed')),
        release('client'),
        end('client'),
      );
  });

  it('repeats nothing whose response has begun', () => {
    sharing()
      .given(received('client', GET), connectedShared('reused'), received('server', 'HTTP/1.1 2'))
      .when(ended('server'))
      .expect(
        disconnect(),
        sendLike('client', page(502, 'http.incomplete-response')),
        release('client'),
        end('client'),
      );
  });
});

function withNegotiate({ headers }: HttpRequest): Accept {
  headers.set('Authorization', 'Negotiate YIIB');
  return accept();
}

function withField(field: string): string {
  return GET.replace('\r\n\r\n', `\r\n${field}\r\n\r\n`);
}
