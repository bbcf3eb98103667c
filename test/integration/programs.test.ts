// Programs that do their work, and programs that do their worst: in real sessions, over real sockets. Whatever a program
// does, its session ends with a reason that names it, and nothing of it is left.
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { describe, it } from 'node:test';
import { plugProxy, program } from '../../src/index.ts';
import { children } from '../support/own-process.ts';
import { lab, reasonOf, script, textOf, verdict } from '../support/program-lab.ts';
import { echo, talk } from '../support/system-tcp.ts';
import { until } from '../support/system-wait.ts';
import { downloadProxy, uploadProxy } from '../support/transfer-engines.ts';

const CAT = program('cat', { command: ['cat'] });
const REJECTING = script(verdict('Z_REJECT', 'a virus'));
const HANGING = script('exec sleep 1000', { idleTimeoutMs: 300 });
const FLOODING = script('exec yes >&3');
const GARBAGE = script('head -c 300 /dev/zero >&3; exec sleep 1000');
const COMPLAINING = script('yes "too much" | head -n 5000 >&2; cat');
const FAILING = script('head -c 3; exit 3');
const EXITING = script('exit 0');
const STUBBORN = script('trap "" TERM HUP INT; while :; do sleep 1; done', { timeoutMs: 200 });

describe('a plug through a program', () => {
  it('carries bytes both ways', async (t) => {
    const both = script('exec 4<&0; cat <&1 >&4 & exec sed -u "s/secret/******/g"');
    const made = await lab(t, plugProxy({ stack: both }), echo);
    const said = await talk({ port: made.port, send: 'a secret\n', enoughBytes: 9 });
    assert.equal(textOf(said), 'a ******\n');
    assert.equal(made.heard(), 'a ******\n');
  });

  it('ends with a program that ends well', async (t) => {
    const made = await lab(t, plugProxy({ stack: CAT }));
    const sent = 'x'.repeat(3_000_000);
    const said = await talk({ port: made.port, send: sent, then: 'end' });
    assert.equal(said.ended, 'end');
    assert.equal(await reasonOf(made), 'accepted program.ended');
    assert.equal(made.heard().length, sent.length);
  });

  for (const [what, child, reason] of [
    [
      'is not there',
      program('none', { command: ['/no/such/program'] }),
      'denied-by-unknown-fail program.cannot-start',
    ],
    ['hangs', HANGING, 'denied-by-limit program.timeout'],
    ['will not end', STUBBORN, 'denied-by-limit program.timeout'],
    ['floods its control channel', FLOODING, 'denied-by-unknown-fail program.control-garbage'],
    ['writes garbage to it', GARBAGE, 'denied-by-unknown-fail program.control-garbage'],
    ['fails', FAILING, 'denied-by-unknown-fail program.failed'],
    ['is killed', script('kill -SEGV $$'), 'denied-by-unknown-fail program.killed'],
    ['refuses', REJECTING, 'denied-by-policy plug.content-refused'],
    [
      'is no command of the shell',
      script('exec /no/such/program'),
      'denied-by-unknown-fail program.cannot-start',
    ],
  ] as const)
    it(`is cut off from a program that ${what}`, async (t) => {
      const made = await lab(t, plugProxy({ stack: child }), echo);
      const said = await talk({ port: made.port, send: 'some words' });
      assert.equal(await reasonOf(made), reason);
      // A child that may not run has seen nothing: then the end is an ordinary one.
      if (what !== 'is not there') assert.equal(said.ended, 'ECONNRESET');
    });

  it('goes on beside a program that complains too much, in bounded lines', async (t) => {
    const made = await lab(t, plugProxy({ stack: COMPLAINING }));
    const said = await talk({ port: made.port, send: 'some words', then: 'end' });
    assert.equal(said.ended, 'end');
    assert.equal(made.heard(), 'some words');
    assert.equal(await reasonOf(made), 'accepted program.ended');
    const lines = made.log.codes.filter((code) => code === 'program.said');
    assert.ok(lines.length > 0 && lines.length < 50, String(lines.length));
  });

  it('ends a program with the instance', async (t) => {
    const made = await lab(t, plugProxy({ stack: script('exec sleep 1000') }));
    const talking = talk({ port: made.port, send: 'some words' });
    await until('it runs', () => children().length > 0);
    await made.instance.drain(1);
    assert.equal((await talking).ended, 'ECONNRESET');
    assert.equal(await reasonOf(made), 'aborted-by-policy-action instance.stopped');
  });
});

describe('uploads through a program', () => {
  const TWO = 'PUT 5\nhelloPUT 3\nbye';
  const isOver = (socket: Socket): void => void socket.on('end', () => socket.end());

  it('arrive as the program gives them, one after the other', async (t) => {
    const upper = program('upper', { command: ['tr', 'a-z', 'A-Z'] });
    const made = await lab(t, uploadProxy(upper), isOver);
    const said = await talk({ port: made.port, send: TWO, enoughBytes: 8 });
    assert.equal(textOf(said), '200\n200\n');
    assert.equal(made.heard(), 'PUT\nHELLOEND\nPUT\nBYEEND\n');
  });

  it('that are refused leave the server untouched, and the connection in step', async (t) => {
    const picky = script(
      `case $(cat) in hello) ${verdict('Z_REJECT', 'a virus')};; *) echo fine;; esac`,
    );
    const made = await lab(t, uploadProxy(picky), isOver);
    const said = await talk({ port: made.port, send: TWO, enoughBytes: 16 });
    assert.equal(textOf(said), '550 a virus\n200\n');
    assert.equal(made.heard(), 'PUT\nfine\nEND\n');
  });

  it('know their length', async (t) => {
    const counting = script('cat >/dev/null; printf "$ZORP_CONTENT_LENGTH $ZORP_CONTENT_FORMAT"');
    const made = await lab(t, uploadProxy(counting), isOver);
    await talk({ port: made.port, send: 'PUT 5\nhello', enoughBytes: 4 });
    assert.equal(made.heard(), 'PUT\n5 fileEND\n');
  });

  for (const [what, child] of [
    ['hangs', HANGING],
    ['floods its control channel', FLOODING],
    ['writes garbage to it', GARBAGE],
    ['is killed', script('kill -9 $$')],
  ] as const)
    it(`are refused when the program ${what}`, async (t) => {
      const made = await lab(t, uploadProxy(child), isOver);
      const said = await talk({
        port: made.port,
        send: 'PUT 5\nhello',
        enoughBytes: 4,
        then: 'wait',
      });
      assert.match(textOf(said), /^550 /);
      assert.equal(made.heard(), '');
    });
});

describe('a download through a program', () => {
  const says = (text: string) => (socket: Socket) => void socket.end(text);

  it('arrives as the program gives it, and ends with it', async (t) => {
    const made = await lab(t, downloadProxy(CAT), says('the page'));
    const said = await talk({ port: made.port });
    assert.deepEqual([textOf(said), said.ended], ['200\nthe page', 'end']);
    assert.equal(await reasonOf(made), 'accepted download.finished');
  });

  it('that is empty is announced', async (t) => {
    const made = await lab(t, downloadProxy(EXITING), says('the page'));
    assert.equal(textOf(await talk({ port: made.port })), '200\n');
  });

  it('that is refused has an answer in its place', async (t) => {
    const made = await lab(t, downloadProxy(REJECTING), says('the page'));
    assert.equal(textOf(await talk({ port: made.port })), '451 a virus\n');
    assert.equal(await reasonOf(made), 'denied-by-policy content.reject');
  });

  it('that fails when it has begun is cut', async (t) => {
    const made = await lab(t, downloadProxy(FAILING), says('the page'));
    const said = await talk({ port: made.port });
    assert.equal(said.ended, 'ECONNRESET');
    assert.equal(await reasonOf(made), 'denied-by-unknown-fail program.failed');
  });

  it('that stands still is refused, and its program ended', async (t) => {
    const made = await lab(t, downloadProxy(script('exec sleep 1000'), 300), says('the page'));
    assert.equal(
      textOf(await talk({ port: made.port })),
      '451 The contents stood still for too long\n',
    );
    assert.equal(await reasonOf(made), 'denied-by-limit content.timeout');
  });
});
