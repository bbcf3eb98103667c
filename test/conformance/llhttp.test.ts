// Our HTTP/1 parser against the cases of llhttp, Node's own parser: it accepts nothing that llhttp's strict mode rejects,
// and where it is stricter, the case and the reason stand here.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { Messages } from '../support/http-messages.ts';
import { readRequests, readResponses } from '../support/http-messages.ts';

interface Fixture {
  readonly file: string;
  readonly line: number;
  readonly name: string;
  readonly type: string;
  readonly meta: { readonly skipBody?: boolean };
  readonly bytes_b64: string;
  readonly expect: { readonly error?: number };
  readonly log: string;
}

/** Not errors of the message: bytes after the last message, and a pause where a tunnel begins. */
const LLHTTP_STOPS = [5, 22];

/** Methods are the policy's affair: llhttp refuses those that its authors do not know. */
const UNKNOWN_METHODS = ['request/invalid.md:68', 'request/invalid.md:358'];

/** What llhttp accepts and we do not. */
const STRICTER: Readonly<Record<string, { readonly why: string; readonly cases: string[] }>> = {
  'http.missing-host': {
    why: 'HTTP/1.0 without Host: nobody can say which server is meant (requireHostHeader)',
    cases: ['request/connection.md:83', 'request/content-length.md:263'],
  },
  'http.connect-with-body': {
    why: 'what follows the head of CONNECT is the tunnel',
    cases: ['request/method.md:98'],
  },
  'http.bad-target': {
    why: '* is for OPTIONS only; a URL has a path before its query',
    cases: ['request/method.md:137', 'request/uri.md:54', 'request/uri.md:77'],
  },
  'http.bad-request-line': {
    why: 'RTSP and ICE are other protocols',
    cases: ['request/method.md:374', 'request/method.md:404', 'request/method.md:432'],
  },
  'http.bad-host': {
    why: '0.0.0.0=5000 is neither a name nor an address',
    cases: ['request/sample.md:69', 'request/sample.md:107'],
  },
  'http.bad-version': { why: 'HTTP/0.9', cases: ['request/sample.md:316'] },
  'http.fragment': {
    why: 'fragments are never sent, and servers disagree about them',
    cases: [
      'request/transfer-encoding.md:753',
      'request/transfer-encoding.md:795',
      'request/uri.md:167',
    ],
  },
  'http.host-mismatch': {
    why: 'URL and Host must name one server',
    cases: ['request/uri.md:127'],
  },
  'http.userinfo': {
    why: 'people and programs read user names in URLs differently',
    cases: ['request/uri.md:224'],
  },
  'http.body-not-allowed': {
    why: 'a 101 has no body',
    cases: ['response/connection.md:295', 'response/connection.md:333'],
  },
  'http.empty-line': {
    why: 'bytes between responses are not of any response',
    cases: [
      'response/connection.md:494',
      'response/connection.md:588',
      'response/pipelining.md:6',
      'response/sample.md:697',
    ],
  },
  'http.bad-status-line': {
    why: 'RTSP, ICE and HTTP/0.9 are other protocols',
    cases: ['response/sample.md:42', 'response/sample.md:62', 'response/sample.md:647'],
  },
  'http.bad-transfer-coding': {
    why: 'llhttp reads until the server closes, other readers do not',
    cases: ['response/transfer-encoding.md:45', 'response/transfer-encoding.md:114'],
  },
  'http.duplicate-transfer-encoding': {
    why: 'llhttp reads until the server closes, other readers do not',
    cases: ['response/transfer-encoding.md:76'],
  },
};

const fixtures = loadFixtures();

describe('the HTTP/1 parser and llhttp', () => {
  it('know the same cases', () => {
    assert.equal(fixtures.length, 205);
  });

  it('agree in what must be refused', () => {
    const laxer = fixtures
      .filter((fixture) => read(fixture).messages.length > completeIn(fixture))
      .map(idOf);
    assert.deepEqual(laxer, UNKNOWN_METHODS);
  });

  it('differ only where a reason is given', () => {
    const found: Record<string, string[]> = {};
    for (const fixture of fixtures) {
      const { error } = fixture.expect;
      const { code } = read(fixture);
      const isAccepted = error === undefined || LLHTTP_STOPS.includes(error);
      if (isAccepted && code !== undefined) (found[code] ??= []).push(idOf(fixture));
    }
    const listed = Object.entries(STRICTER).map(([code, { cases }]) => [code, cases]);
    assert.deepEqual(found, Object.fromEntries(listed));
  });
});

/**
 * The cases of llhttp's strict mode. In those that skip bodies the caller of llhttp lies about the message; three were
 * extracted with their expectations inside the message.
 */
function loadFixtures(): readonly Fixture[] {
  const text = readFileSync(`${import.meta.dirname}/llhttp-fixtures.json`, 'utf8');
  const { cases } = JSON.parse(text) as { cases: Fixture[] };
  return cases.filter(
    (fixture) =>
      /^(?:request|response)(?:-finish)?$/.test(fixture.type) &&
      fixture.meta.skipBody !== true &&
      !textOf(fixture).includes('```log'),
  );
}

/** Reads a case with our parser. Requests without Host, which llhttp does not ask for, get one. */
function read(fixture: Fixture): Messages {
  const text = textOf(fixture);
  if (fixture.type.startsWith('response')) return readResponses(text);
  const hasHost = /\nhost *:/i.test(text);
  return readRequests(hasHost ? text : text.replaceAll(/( HTTP\/1\.1\r\n)/g, '$1Host: a\r\n'));
}

function textOf({ bytes_b64: bytes }: Fixture): string {
  return Buffer.from(bytes, 'base64').toString('latin1');
}

function completeIn({ log }: Fixture): number {
  return log.split('message complete').length - 1;
}

function idOf({ file, line }: Fixture): string {
  return `${file}:${line}`;
}
