import { describe, it } from 'node:test';
import { asked } from '../../../../test/support/http-dialogue.ts';
import { close, hold, received, release, send } from '../../../../test/support/playbook.ts';
import { abort, drop } from '../../../proxy/policy-action.ts';
import { changeValue, insert } from '../rules/header-action.ts';

const POST = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';
const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
const KEEP = { trailers: 'keep' } as const;

describe('trailers', () => {
  it('are dropped where the policy does not say otherwise', () => {
    asked(GET)
      .when(received('server', `${CHUNKED}0\r\nX-Sum: 1\r\nX-Other: 9\r\n\r\n`))
      .expect(send('client', `${CHUNKED}0\r\n\r\n`), release('client'));
  });

  it('are kept in canonical form where it does, in whatever pieces they come', () => {
    const trailers = '0\r\nX-Sum:1 \r\nX-Other: 2\r\n\r\n';
    for (let at = 1; at < trailers.length; at++)
      asked(POST, KEEP)
        .given(received('client', trailers.slice(0, at)))
        .when(received('client', trailers.slice(at)))
        .expect(send('server', '0\r\nX-Sum: 1\r\nX-Other: 2\r\n\r\n'), hold('client'));
  });

  it('pass the policy over header fields, and nothing is inserted into them', () => {
    asked(GET, {
      ...KEEP,
      responseHeader: { 'X-Sum': changeValue('two'), 'X-Gone': drop(), 'X-New': insert('no') },
    })
      .when(
        received(
          'server',
          `${CHUNKED}1\r\na\r\n0\r\nX-Sum: one\r\nX-Gone: 1\r\nX-Stays: 1\r\n\r\n`,
        ),
      )
      .expect(
        send(
          'client',
          `HTTP/1.1 200 OK\r\nX-New: no\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n` +
            '0\r\nX-Sum: two\r\nX-Stays: 1\r\n\r\n',
        ),
        release('client'),
      );
  });

  it('do not bring what is too late, or of one connection', () => {
    asked(GET, KEEP)
      .when(
        received(
          'server',
          'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: x-mine\r\n\r\n' +
            '0\r\nSet-Cookie: a=b\r\nX-Mine: 1\r\nKeep-Alive: 1\r\nGrpc-Status: 0\r\n\r\n',
        ),
      )
      .expect(send('client', `${CHUNKED}0\r\nGrpc-Status: 0\r\n\r\n`), release('client'));
  });

  it('do not bring it in another spelling either', () => {
    const fields =
      'X_Forwarded_For: 1\r\nIf_Match: a\r\nContent_Length: 5\r\nTransfer_Encoding: chunked\r\n';
    asked(POST, { ...KEEP, forwarded: 'keep' })
      .when(received('client', `0\r\n${fields}X_Sum: 1\r\n\r\n`))
      .expect(send('server', '0\r\nX_Sum: 1\r\n\r\n'), hold('client'));
  });

  it('are checked as strictly as a head', () => {
    const strict = { ...KEEP, strictHeaderChecking: true };
    asked(GET, strict)
      .when(received('server', `${CHUNKED}0\r\nX-Unknown-Here: 1\r\nServer-Timing: a\r\n\r\n`))
      .expect(send('client', `${CHUNKED}0\r\nServer-Timing: a\r\n\r\n`), release('client'));
    asked(GET, strict)
      .when(received('server', `${CHUNKED}0\r\nLast-Modified: yesterday\r\n\r\n`))
      .expect(send('client', CHUNKED), close('denied-by-policy', 'http.bad-field-value'));
  });

  it('that the policy aborts cut the answer off', () => {
    asked(GET, { ...KEEP, responseHeader: { 'X-Sum': abort() } })
      .when(received('server', `${CHUNKED}0\r\nX-Sum: 1\r\n\r\n`))
      .expect(send('client', CHUNKED), close('aborted-by-policy-action', 'http.header-refused'));
  });

  it('do not reach a client of HTTP/1.0', () => {
    asked('GET / HTTP/1.0\r\nHost: a\r\n\r\n', KEEP)
      .when(received('server', `${CHUNKED}1\r\na\r\n0\r\nX-Sum: 1\r\n\r\n`))
      .expect(
        send('client', 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\na'),
        close('accepted', 'http.finished'),
      );
  });
});
