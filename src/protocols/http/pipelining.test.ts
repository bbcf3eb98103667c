import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { client, server } from '../../../test/support/dialogue.ts';
import { ModelPump } from '../../../test/support/model-pump.ts';
import { httpEngine } from '../../../test/support/http-dialogue.ts';

const REQUESTS = 200;

/** The n-th request, with a body in either framing. */
function request(number: number): string {
  const body = `body ${number} GET / HTTP/1.1\r\n\r\n`;
  const head = `POST /${number} HTTP/1.1\r\nHost: web.example\r\n`;
  return number % 2 === 0
    ? `${head}Content-Length: ${body.length}\r\n\r\n${body}`
    : `${head}Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
}

function answer(number: number): string {
  return `HTTP/1.1 200 OK\r\nContent-Length: ${String(number).length}\r\n\r\n${number}`;
}

function all(make: (number: number) => string): string {
  return Array.from({ length: REQUESTS }, (_, number) => make(number)).join('');
}

describe('pipelined requests with bodies', () => {
  it('are served in their order, one at a time, however they are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 1, maxLength: 5 }),
        (chunkSizes) => {
          const pump = new ModelPump(httpEngine(), { chunkSizes });
          pump.play(client(all(request)));
          for (let number = 0; number < REQUESTS; number++) {
            const sent = pump.run.output('server');
            assert.ok(sent.includes(`POST /${number} `), 'it is asked when its turn has come');
            assert.ok(!sent.includes(`POST /${number + 1} `), 'and not before');
            pump.play(server(answer(number)));
          }
          assert.equal(pump.run.output('server'), all(request));
          assert.equal(pump.run.output('client'), all(answer));
        },
      ),
      { numRuns: 3 },
    );
  });

  it('are not read while one is in work: what a client sends meanwhile stays with it', () => {
    const pump = new ModelPump(httpEngine());
    pump.play(client(request(0) + request(1)));
    assert.ok(pump.isDeaf('client'));
    pump.play(server(answer(0)));
    assert.ok(pump.isDeaf('client'), 'the second one is in work');
    pump.play(server(answer(1)));
    assert.ok(!pump.isDeaf('client'));
  });

  it('behind one that is refused reach no server', () => {
    const pump = new ModelPump(httpEngine());
    pump.play(client(request(0).replace('POST', 'BREW') + request(1)));
    assert.equal(pump.run.output('server'), '');
    assert.match(pump.run.output('client'), /^HTTP\/1\.1 403 (?:(?!HTTP\/1\.1 )[^])*$/);
  });
});
