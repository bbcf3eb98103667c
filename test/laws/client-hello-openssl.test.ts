// What is read of a hello against OpenSSL: for the same bytes it must see the same server and the same protocols, or go no
// further. Otherwise a policy would decide about one server, and the connection be for another.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readClientHello } from '../../src/protocols/tls/client-hello.ts';
import { tlsDetector } from '../../src/protocols/tls/tls-detector.ts';
import { helloBody, message, records, serverName } from '../support/client-hello.ts';
import { clientBeginnings, HELLOS } from '../support/hello-arbitraries.ts';
import { seenByOpenSsl } from '../support/openssl-server.ts';
import { tryAllAsync } from './run-law.ts';

/** What means nothing, and is left out of what is read (RFC 8701). */
const GREASE = /^([\x0a\x1a\x2a\x3a\x4a\x5a\x6a\x7a])\1$/;

const tls = tlsDetector();

/** The form that SSL 2.0 had for a hello, which no client has written for years and OpenSSL still reads. It has no names. */
function isOfSsl2(bytes: Buffer): boolean {
  return (bytes[0] ?? 0) >= 0x80;
}

/** Node shows no more of each character. */
function sevenBits(text: string): string {
  return text.replace(/[\x80-\xff]/g, (one) => String.fromCharCode(one.charCodeAt(0) & 0x7f));
}

/** Whether both go on with it. @throws AssertionError if they see different things. */
async function agreeOn(bytes: Buffer): Promise<boolean> {
  const reading = readClientHello(bytes);
  const seen = await seenByOpenSsl(bytes);
  if (seen === undefined) return false;
  if (!isOfSsl2(bytes)) assert.equal(tls.detect('client', bytes, { isComplete: true }), 'match');
  assert.notEqual(reading.kind, 'incomplete', 'OpenSSL needs no more');
  if (reading.kind !== 'hello') return false;
  const { serverName, protocols } = reading.hello;
  assert.equal(serverName, seen.serverName?.toLowerCase());
  assert.deepEqual(
    protocols.map(sevenBits).filter((name) => !GREASE.test(name)),
    seen.protocols.filter((name) => !GREASE.test(name)),
  );
  return true;
}

describe('the hello of a client', () => {
  it('is for OpenSSL what it is for us, of every program', async () => {
    for (const [file, bytes] of HELLOS) assert.ok(await agreeOn(bytes), file);
  });

  it('is for OpenSSL what it is for us, or goes no further', async () => {
    let agreed = 0;
    let tried = 0;
    await tryAllAsync(clientBeginnings, async (bytes) => {
      tried++;
      if (await agreeOn(bytes)) agreed++;
    });
    assert.ok(agreed > tried / 20, `of ${tried} only ${agreed} are good for both`);
  });

  it('is one of TLS even where it is too long to be read', async () => {
    const cipherSuites = [0x1301, ...Array.from({ length: 32_000 }, () => 0xc02b)];
    const extensions = ['0004001d0017', '00080403080408070401', '0100'].map(
      (contents, index) => [[10, 13, 11][index] ?? 0, Buffer.from(contents, 'hex')] as const,
    );
    const body = helloBody({ cipherSuites, extensions: [serverName('a.example'), ...extensions] });
    const long = records(message(body));
    assert.equal((await seenByOpenSsl(long))?.serverName, 'a.example');
    assert.equal(await agreeOn(long), false);
    assert.equal(readClientHello(long).kind, 'malformed');
  });
});
