import { describe, it } from 'node:test';
import {
  CHILD,
  CHILD_ENDS,
  CHILD_GONE,
  CHILD_WELL,
} from '../../../../test/support/child-dialogue.ts';
import { begun, OK, page } from '../../../../test/support/http-dialogue.ts';
import type { Playbook } from '../../../../test/support/playbook.ts';
import {
  close,
  connect,
  connected,
  contentVerdict,
  disconnect,
  elapsed,
  end,
  ended,
  hold,
  received,
  release,
  send,
  sendLike,
  stack,
  stacked,
  stackRefused,
  stackVerdict,
} from '../../../../test/support/playbook.ts';
import type { HttpOptions } from '../http-options.ts';

const DATA: HttpOptions = { requestStack: { POST: { data: CHILD } } };
const MIME: HttpOptions = { requestStack: { '*': { mime: CHILD } } };
const POST = 'POST / HTTP/1.1\r\nHost: a\r\n';
const SENT = `${POST}Transfer-Encoding: chunked\r\n\r\n`;

/** A request whose child runs. */
function looking(request: string, options: HttpOptions = DATA): Playbook {
  return begun(options).given(received('client', request), connected(), stacked());
}

describe('a request whose body a child looks at', () => {
  it('goes to the server when the child gives something, in its chunks', () => {
    begun(DATA)
      .when(received('client', `${POST}Content-Length: 4\r\n\r\nab`))
      .expect(hold('client'), connect({ host: 'a', port: 80 }))
      .when(connected())
      .expect(release('client'), hold('client'), stack('scanner'))
      .when(stacked())
      .expect(end('stack-server'), send('stack-client', 'ab'), release('client'))
      .when(received('client', 'cd'))
      .expect(send('stack-client', 'cd'), hold('client'), end('stack-client'))
      .when(received('stack-server', 'ABC'))
      .expect(
        hold('stack-server'),
        send('server', SENT),
        release('stack-server'),
        send('server', '3\r\nABC\r\n'),
        hold('client'),
      )
      .given(...CHILD_ENDS)
      .when(CHILD_WELL)
      .expect(...CHILD_GONE, send('server', '0\r\n\r\n'), hold('client'))
      .when(received('server', OK))
      .expect(send('client', OK), release('client'));
  });

  for (const [what, event, status, code] of [
    ['refuses', contentVerdict('reject', 'a virus'), 403, 'content.reject'],
    ['cannot tell', contentVerdict('error'), 500, 'content.error'],
    [
      'fails',
      stackVerdict('denied-by-unknown-fail', 'program.failed', 'reset'),
      500,
      'program.failed',
    ],
    ['stands still', elapsed('transfer.idle'), 503, 'content.timeout'],
  ] as const)
    it(`is answered by a page when the child ${what}, and the server hears nothing`, () => {
      looking(`${POST}Content-Length: 2\r\n\r\nab`)
        .when(event)
        .expect(
          ...CHILD_GONE,
          disconnect(),
          sendLike('client', page(status, code)),
          release('client'),
          end('client'),
        );
    });

  it('is refused without a word when the child drops it', () => {
    looking(`${POST}Content-Length: 2\r\n\r\nab`)
      .when(contentVerdict('drop'))
      .expect(...CHILD_GONE, disconnect(), close('denied-by-policy', 'content.drop'));
  });

  it('never gets its end when the child refuses what has begun', () => {
    looking(`${POST}Content-Length: 9\r\n\r\nab`)
      .given(received('stack-server', 'ab'))
      .when(contentVerdict('reject', 'a virus'))
      .expect(
        ...CHILD_GONE,
        disconnect(),
        sendLike('client', page(403, 'content.reject')),
        end('client'),
      );
  });

  it('is refused where the child may not run', () => {
    begun(DATA)
      .given(received('client', `${POST}Content-Length: 2\r\n\r\nab`), connected())
      .when(stackRefused({ reason: 'access.stack', verdict: 'denied-by-policy' }))
      .expect(
        release('client'),
        disconnect(),
        sendLike('client', page(403, 'access.stack')),
        release('client'),
        end('client'),
      );
  });

  it('asks the client to go on, because the server cannot', () => {
    begun(DATA)
      .given(received('client', `${POST}Content-Length: 2\r\nExpect: 100-continue\r\n\r\n`))
      .when(connected())
      .expect(
        send('client', 'HTTP/1.1 100 Continue\r\n\r\n'),
        release('client'),
        hold('client'),
        stack('scanner'),
      )
      .given(stacked(), received('client', 'ab'))
      .when(received('stack-server', 'ab'))
      .expect(
        hold('stack-server'),
        send('server', SENT),
        release('stack-server'),
        send('server', '2\r\nab\r\n'),
        hold('client'),
      );
  });

  it('connects again when the server has gone meanwhile', () => {
    looking(`${POST}Content-Length: 2\r\n\r\nab`)
      .when(ended('server'))
      .expect(disconnect())
      .when(received('stack-server', 'ab'))
      .expect(hold('stack-server'), connect({ host: 'a', port: 80 }), hold('client'))
      .when(connected())
      .expect(send('server', SENT), release('stack-server'), send('server', '2\r\nab\r\n'));
  });

  it('keeps the promise of a child about its length, or never ends', () => {
    const ask = `${POST}Content-Length: 2\r\n\r\nab`;
    looking(ask)
      .given({ type: 'stack-content-hint', length: 3 })
      .when(received('stack-server', 'abc'))
      .expect(
        hold('stack-server'),
        send('server', `${POST}Content-Length: 3\r\n\r\n`),
        release('stack-server'),
        send('server', 'abc'),
        hold('client'),
      );
    looking(ask)
      .given({ type: 'stack-content-hint', length: 3 })
      .given(received('stack-server', 'ab'), ...CHILD_ENDS)
      .when(CHILD_WELL)
      .expect(
        ...CHILD_GONE,
        disconnect(),
        sendLike('client', page(500, 'content.wrong-length')),
        release('client'),
        end('client'),
      );
  });

  it('ends the child when the client sends garbage or the server answers early', () => {
    looking(`${POST}Transfer-Encoding: chunked\r\n\r\n`)
      .when(received('client', 'x'))
      .expect(
        ...CHILD_GONE,
        disconnect(),
        sendLike('client', page(400, 'http.bad-chunk-size')),
        end('client'),
      );
    looking(`${POST}Content-Length: 9\r\n\r\nab`)
      .given(received('stack-server', 'ab'))
      .when(received('server', 'HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n'))
      .expect(
        send('client', 'HTTP/1.1 413 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'),
        ...CHILD_GONE,
        disconnect(),
        end('client'),
      );
  });
});

describe('a request whose header and body a child looks at', () => {
  it('gives the header first, and takes it off again', () => {
    begun(MIME)
      .given(received('client', `${POST}Content-Length: 2\r\nX-Y: 1\r\n\r\nab`), connected())
      .when(stacked())
      .expect(
        end('stack-server'),
        send('stack-client', 'Host: a\r\nX-Y: 1\r\n\r\nab'),
        end('stack-client'),
        release('client'),
        hold('client'),
      )
      .when(received('stack-server', 'Host: other\r\n\r\nAB'))
      .expect(
        hold('stack-server'),
        send('server', `${POST}X-Y: 1\r\nTransfer-Encoding: chunked\r\n\r\n`),
        release('stack-server'),
        send('server', '2\r\nAB\r\n'),
        hold('client'),
      );
  });

  it('is looked at even without a body, and has none afterwards', () => {
    const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
    looking(get, MIME)
      .given(received('stack-server', 'Host: a\r\n\r\nsmuggled'))
      .given(...CHILD_ENDS)
      .when(CHILD_WELL)
      .expect(...CHILD_GONE, hold('client'))
      .when(received('server', OK))
      .expect(send('client', OK), release('client'));
    looking(get, MIME)
      .given(...CHILD_ENDS)
      .when(CHILD_WELL)
      .expect(
        ...CHILD_GONE,
        disconnect(),
        sendLike('client', page(500, 'content.bad-header')),
        release('client'),
        end('client'),
      );
  });
});
