import { describe, it } from 'node:test';
import {
  CHILD,
  CHILD_ENDS,
  CHILD_GONE,
  CHILD_WELL,
} from '../../../../test/support/child-dialogue.ts';
import { asked, begun, GET, page } from '../../../../test/support/http-dialogue.ts';
import type { Playbook } from '../../../../test/support/playbook.ts';
import {
  close,
  connected,
  contentVerdict,
  disconnect,
  end,
  ended,
  hold,
  received,
  relay,
  release,
  send,
  sendLike,
  stack,
  stacked,
} from '../../../../test/support/playbook.ts';
import { drop } from '../../../proxy/policy-action.ts';
import type { HttpOptions } from '../http-options.ts';

const DATA: HttpOptions = { responseStack: { '*': { data: CHILD } } };
const MIME: HttpOptions = { responseStack: { '*': { mime: CHILD } } };
const ANSWER = 'HTTP/1.1 200 OK\r\nETag: "a"\r\nContent-Length: 2\r\n\r\nhi';
const HEAD = 'HTTP/1.1 200 OK\r\nETag: W/"a"\r\n';

/** A response whose child runs. */
function looking(answer = ANSWER, options = DATA, request = GET): Playbook {
  return asked(request, options).given(received('server', answer), stacked());
}

describe('a response whose body a child looks at', () => {
  it('goes to the client when the child gives something', () => {
    asked(GET, DATA)
      .when(received('server', ANSWER))
      .expect(hold('server'), stack('scanner'))
      .when(stacked())
      .expect(
        end('stack-server'),
        send('stack-client', 'hi'),
        end('stack-client'),
        release('server'),
        hold('client'),
      )
      .when(received('stack-server', 'HI!'))
      .expect(
        hold('stack-server'),
        send('client', `${HEAD}Transfer-Encoding: chunked\r\n\r\n`),
        release('stack-server'),
        send('client', '3\r\nHI!\r\n'),
        hold('client'),
      )
      .given(...CHILD_ENDS)
      .when(CHILD_WELL)
      .expect(...CHILD_GONE, send('client', '0\r\n\r\n'), hold('client'), release('client'))
      .when(received('client', GET))
      .expect(send('server', GET), hold('client'));
  });

  it('outlives its server, and the relay of an upload that the server has not taken', () => {
    for (const [field, size] of [
      ['Content-Length: 40000', ''],
      ['Transfer-Encoding: chunked', '9c40\r\n'],
    ] as const) {
      const upload = `POST / HTTP/1.1\r\nHost: web.example\r\n${field}\r\n\r\n`;
      asked(upload, DATA)
        .when(received('client', `${size}abc`))
        .expect(send('server', `${size}abc`), relay('client', 'server', 39_997))
        .given(received('server', ANSWER), stacked())
        .when(ended('server', 'ECONNRESET'))
        .expect(disconnect())
        .when(received('client', 'x'.repeat(39_997) + GET))
        .expect()
        .when(received('stack-server', 'HI!'))
        .expect(
          hold('stack-server'),
          send('client', `${HEAD}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n`),
          release('stack-server'),
          send('client', '3\r\nHI!\r\n'),
        );
    }
  });

  it('has no field that the policy drops, whatever else would become of it', () => {
    looking(ANSWER, { ...DATA, responseHeader: { ETag: drop() } })
      .when(received('stack-server', 'HI!'))
      .expect(
        hold('stack-server'),
        send('client', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'),
        release('stack-server'),
        send('client', '3\r\nHI!\r\n'),
        hold('client'),
      );
  });

  it('has the length that the child promises', () => {
    looking()
      .given(
        { type: 'stack-content-hint', length: 3 },
        received('stack-server', 'HI!'),
        ...CHILD_ENDS,
      )
      .when(CHILD_WELL)
      .expect(...CHILD_GONE, hold('client'), release('client'));
  });

  it('ends with the connection for a client of HTTP/1.0', () => {
    looking(ANSWER, DATA, 'GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n')
      .when(received('stack-server', 'HI'))
      .expect(
        hold('stack-server'),
        send('client', `${HEAD}Connection: close\r\n\r\n`),
        release('stack-server'),
        send('client', 'HI'),
        hold('client'),
      )
      .when(contentVerdict('reject'))
      .expect(...CHILD_GONE, close('denied-by-policy', 'content.reject', 'reset'));
  });

  it('gives way to a page where the child refuses, and is cut where it has begun', () => {
    looking()
      .when(contentVerdict('reject', 'a virus'))
      .expect(
        ...CHILD_GONE,
        disconnect(),
        sendLike('client', page(403, 'content.reject')),
        release('client'),
        end('client'),
      );
    looking()
      .given(received('stack-server', 'h'))
      .when(contentVerdict('reject', 'a virus'))
      .expect(...CHILD_GONE, close('denied-by-policy', 'content.reject'));
  });

  it('goes on when the server goes, or says more than it may, after its end', () => {
    for (const event of [
      ended('server'),
      ended('server', 'ECONNRESET'),
      received('server', 'more'),
    ])
      looking()
        .when(event)
        .expect(disconnect())
        .given(received('stack-server', 'hi'), ...CHILD_ENDS)
        .when(CHILD_WELL)
        .expect(...CHILD_GONE, send('client', '0\r\n\r\n'), hold('client'), release('client'));
  });

  it('is refused when the server breaks off within it', () => {
    looking('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi')
      .when(ended('server'))
      .expect(
        ...CHILD_GONE,
        disconnect(),
        sendLike('client', page(502, 'http.server-closed')),
        release('client'),
        end('client'),
      );
  });

  it('may come without length', () => {
    looking('HTTP/1.1 200 OK\r\n\r\nhi')
      .when(ended('server'))
      .expect(end('stack-client'))
      .given(received('stack-server', 'hi'), ...CHILD_ENDS)
      .when(CHILD_WELL)
      .expect(
        ...CHILD_GONE,
        send('client', '0\r\n\r\n'),
        hold('client'),
        disconnect(),
        release('client'),
      );
  });

  it('is asked for as a whole, in a coding that can be undone', () => {
    const asking = GET.replace(
      '\r\n\r\n',
      '\r\nRange: bytes=0-1\r\nAccept-Encoding: br, x\r\n\r\n',
    );
    begun(DATA)
      .given(received('client', asking))
      .when(connected())
      .expect(send('server', GET.replace('\r\n\r\n', '\r\nAccept-Encoding: br\r\n\r\n')))
      .when(received('server', 'HTTP/1.1 206 Part\r\nContent-Length: 2\r\n\r\nhi'))
      .expect(
        disconnect(),
        sendLike('client', page(502, 'http.partial-content')),
        release('client'),
        end('client'),
      );
  });

  it('is refused in another coding', () => {
    asked(GET, DATA)
      .when(
        received('server', 'HTTP/1.1 200 OK\r\nContent-Encoding: x\r\nContent-Length: 2\r\n\r\n'),
      )
      .expect(
        disconnect(),
        sendLike('client', page(502, 'http.undecodable')),
        release('client'),
        end('client'),
      );
  });

  it('tells of no length where there is no body to look at', () => {
    asked(GET.replace('GET', 'HEAD'), DATA)
      .when(received('server', ANSWER.slice(0, -2)))
      .expect(send('client', `${HEAD}\r\n`), release('client'));
  });
});

describe('a response whose header and body a child looks at', () => {
  it('gives both, and takes the body back', () => {
    asked(GET, MIME)
      .given(received('server', ANSWER))
      .when(stacked())
      .expect(
        end('stack-server'),
        send('stack-client', 'ETag: W/"a"\r\n\r\nhi'),
        end('stack-client'),
        release('server'),
        hold('client'),
      )
      .when(received('stack-server', 'X: y\n\nHI'))
      .expect(
        hold('stack-server'),
        send('client', `${HEAD}Transfer-Encoding: chunked\r\n\r\n`),
        release('stack-server'),
        send('client', '2\r\nHI\r\n'),
        hold('client'),
      );
  });

  it('is looked at without a body, too', () => {
    looking('HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n', MIME)
      .given(received('stack-server', '\n'), ...CHILD_ENDS)
      .when(CHILD_WELL)
      .expect(
        hold('stack-server'),
        send('client', 'HTTP/1.1 304 Not Modified\r\nETag: W/"a"\r\n\r\n'),
        release('stack-server'),
        ...CHILD_GONE,
        hold('client'),
        release('client'),
      );
  });
});
