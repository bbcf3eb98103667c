// What is sent on is what was understood: messages that we forward are the same message to llhttp, to ourselves, and to
// whoever sent them. test/integration/http-readers.test.ts shows them to nginx and haproxy.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { forwardedRequest, forwardedResponse } from '../support/http-forwarded.ts';
import { readRequests, readResponses } from '../support/http-messages.ts';
import { HttpMutants } from '../support/http-mutants.ts';
import { quote, toBytes } from '../support/latin1.ts';
import type { ReadMessage } from '../support/llhttp.ts';
import { Llhttp } from '../support/llhttp.ts';

const MESSAGES = Number(process.env['FUZZ_FORWARDED'] ?? '5000');
const SEED = 2;
/** Half of the messages are forwarded; if it were a few only, the test would say little. */
const ENOUGH = MESSAGES / 3;

/** What a message says apart from fields, which hops may drop and add. */
function coreOf({ line, body }: ReadMessage): readonly string[] {
  return [line.replace(/ .*/, ''), body];
}

describe(`${MESSAGES} messages that are forwarded`, () => {
  it('are the same requests to llhttp, and what the client has sent', () => {
    const mutants = new HttpMutants(SEED);
    const llhttp = new Llhttp('requests');
    let forwarded = 0;
    for (let index = 0; index < MESSAGES; index++) {
      const text = mutants.request();
      const [received] = readRequests(text).messages;
      const sent = received === undefined ? undefined : forwardedRequest(text);
      if (received === undefined || sent === undefined) continue;
      forwarded++;
      const ours = readRequests(sent).messages;
      assert.deepEqual(llhttp.read(toBytes(sent)).messages, ours, quote(text));
      assert.deepEqual(ours.map(coreOf), [coreOf(received)], quote(text));
    }
    assert.ok(forwarded > ENOUGH, `only ${forwarded}`);
  });

  it('are the same responses to llhttp, and what it reads in that of the server', () => {
    const mutants = new HttpMutants(SEED);
    const llhttp = new Llhttp('responses');
    let forwarded = 0;
    for (let index = 0; index < MESSAGES; index++) {
      const text = mutants.response();
      const sent = forwardedResponse(text);
      if (sent === undefined || sent === '') continue;
      forwarded++;
      const { messages } = llhttp.read(toBytes(sent));
      assert.deepEqual(messages, readResponses(sent).messages, quote(text));
      const received = llhttp.read(toBytes(text)).messages;
      assert.deepEqual(messages.map(coreOf), received.map(coreOf), quote(text));
    }
    assert.ok(forwarded > ENOUGH, `only ${forwarded}`);
  });

  it('end where the server has ended, when they leave in chunks', () => {
    const mutants = new HttpMutants(SEED);
    const llhttp = new Llhttp('responses');
    let unframed = 0;
    for (let index = 0; index < MESSAGES; index++) {
      const text = mutants.response();
      const plain = forwardedResponse(text) ?? '';
      if (plain === '' || llhttp.read(toBytes(plain)).messages.length > 0) continue;
      unframed++;
      const [message, ...others] = llhttp.read(
        toBytes(forwardedResponse(text, 'chunked') ?? ''),
      ).messages;
      assert.deepEqual(others, []);
      assert.equal(message?.body, plain.slice(plain.indexOf('\r\n\r\n') + 4), quote(text));
    }
    assert.ok(unframed > MESSAGES / 100, `only ${unframed}`);
  });
});
