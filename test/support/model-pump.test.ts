import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ProxyAction, ProxyEvent, ProxyFactory } from '../../src/proxy/engine.ts';
import {
  client,
  clientEnds,
  clientResets,
  elapses,
  parseDialogue,
  server,
  serverEnds,
  serverResets,
  showDialogue,
} from './dialogue.ts';
import { toBytes, toText } from './latin1.ts';
import type { ModelOptions } from './model-pump.ts';
import { runDialogue } from './model-pump.ts';
import { NOBODY_CAME, SERVER_DOWN } from './playbook-events.ts';
import { failed, settled } from './settled.ts';

/** A proxy whose engine asks for these actions at each event of a type. */
function proxyOf(answers: Partial<Record<ProxyEvent['type'], ProxyAction[]>>): ProxyFactory {
  return {
    name: 'scripted',
    tellsRefusals: false,
    stacks: [],
    create: () => ({ handle: ({ type }) => answers[type] ?? [] }),
    explain: () => 'does what the test says',
  };
}

const connect: ProxyAction = { type: 'connect', port: 'server' };
const holdClient: ProxyAction = { type: 'hold', from: 'client' };
const releaseClient: ProxyAction = { type: 'release', from: 'client' };
const close: ProxyAction = { type: 'close', verdict: 'accepted', reason: 'done' };

function send(to: 'client' | 'server', text: string): ProxyAction {
  return { type: 'send', to, bytes: toBytes(text) };
}

function relay(from: 'client' | 'server', length: number): ProxyAction {
  return { type: 'relay', from, to: from === 'client' ? 'server' : 'client', length };
}

describe('runDialogue()', () => {
  it('expands relays and merges what is adjacent', () => {
    const proxy = proxyOf({
      started: [connect, holdClient],
      connected: [send('server', 'a'), releaseClient, relay('client', 3)],
      relayed: [send('server', 'e')],
      received: [close],
    });
    for (const chunkSizes of [[1], [2], [Infinity]])
      assert.deepEqual(runDialogue(proxy, [client('bcdx')], { chunkSizes }).trace, [
        'connect server',
        'send server "abcde"',
        'close accepted done',
      ]);
  });

  it('queues the bytes and the end of a held port, but not its break', () => {
    const proxy = proxyOf({ started: [holdClient], ended: [close] });
    assert.deepEqual(runDialogue(proxy, [client('abc'), clientEnds()]).trace, []);
    assert.deepEqual(runDialogue(proxy, [client('abc'), clientResets()]).trace, [
      'close accepted done',
    ]);
  });

  it('lets a relay go on while its port is held', () => {
    const proxy = proxyOf({
      started: [connect, holdClient],
      connected: [relay('client', 3)],
      received: [close],
    });
    assert.deepEqual(runDialogue(proxy, [client('abcd')]).trace, [
      'connect server',
      'send server "abc"',
    ]);
  });

  it('goes on with a relay to a connection that is lost, into nowhere', () => {
    const proxy = proxyOf({
      started: [connect],
      connected: [relay('client', 3)],
      relayed: [close],
    });
    assert.deepEqual(runDialogue(proxy, [serverResets(), client('abc')]).trace, [
      'connect server',
      'close accepted done',
    ]);
  });

  it('ends a relay to a connection that is dropped, without a word', () => {
    const proxy = proxyOf({
      started: [connect],
      connected: [relay('client', 3), { type: 'disconnect', port: 'server' }],
      received: [send('client', 'r')],
    });
    assert.deepEqual(runDialogue(proxy, [client('abc')]).trace, [
      'connect server',
      'disconnect server',
      'send client "r"',
    ]);
  });

  it('tells the break of a port that had ended, and then drops what is sent there', () => {
    const log: ProxyAction = { type: 'log', level: 'info', code: 'ended', message: 'Ended' };
    const proxy = proxyOf({ ended: [log, send('client', 'bye')] });
    assert.deepEqual(runDialogue(proxy, [clientEnds(), clientResets()]).trace, [
      'log info ended: Ended {}',
      'send client "bye"',
      'log info ended: Ended {}',
    ]);
  });

  it('cuts a relay short when its source ends', () => {
    const proxy = proxyOf({
      started: [connect],
      connected: [relay('server', 10)],
      relayed: [send('client', '.')],
      ended: [{ type: 'end', to: 'client' }],
    });
    assert.deepEqual(runDialogue(proxy, [server('abc'), serverEnds()]).trace, [
      'connect server',
      'send client "abc."',
      'end client',
    ]);
  });

  it('begins the script of the next server with the next connection', () => {
    const proxy = proxyOf({
      started: [connect],
      received: [{ type: 'disconnect', port: 'server' }, connect],
      connected: [send('server', 'hello')],
      ended: [close],
    });
    const dialogue = [server('x'), server('never heard'), serverEnds(2)];
    assert.deepEqual(runDialogue(proxy, dialogue).trace, [
      'connect server',
      'send server "hello"',
      'disconnect server',
      'connect server',
      'send server "hello"',
      'close accepted done',
    ]);
  });

  it('answers connects with failures, and late if that is asked for', () => {
    const proxy = proxyOf({
      started: [connect],
      received: [send('client', 'r')],
      'connect-failed': [send('client', 'f')],
    });
    const connects = [SERVER_DOWN];
    assert.equal(runDialogue(proxy, [client('ab')], { connects }).output('client'), 'fr');
  });

  it('lets nothing pass during a wait, and takes promises that are settled', () => {
    for (const promise of [settled(1), failed(new Error('no'))]) {
      const proxy = proxyOf({
        started: [connect, { type: 'wait', promise }],
        resolved: [{ type: 'hold', from: 'client' }],
        connected: [close],
      });
      assert.deepEqual(runDialogue(proxy, []).trace, [
        'connect server',
        'wait',
        'close accepted done',
      ]);
    }
  });

  it('runs a child that passes everything through', () => {
    const child = { kind: 'service', name: 'child' } as const;
    const proxy = proxyOf({
      started: [{ type: 'stack', child }],
      stacked: [
        { type: 'relay', from: 'client', to: 'stack-client', length: Infinity },
        { type: 'relay', from: 'stack-server', to: 'client', length: Infinity },
      ],
    });
    const run = runDialogue(proxy, [client('abc')]);
    assert.equal(run.output('client'), 'abc');
  });

  it('ends the child when both of its ends have ended', () => {
    const proxy = proxyOf({
      started: [{ type: 'stack', child: { kind: 'service', name: 'child' } }],
      stacked: [
        { type: 'end', to: 'stack-client' },
        { type: 'end', to: 'stack-server' },
      ],
      ended: [{ type: 'log', level: 'info', code: 'ended', message: 'Ended' }],
      'stack-verdict': [close],
    });
    const { trace } = runDialogue(proxy, []);
    assert.deepEqual(trace.slice(3), [
      'log info ended: Ended {}',
      'log info ended: Ended {}',
      'close accepted done',
    ]);
  });

  it('lets a timer run out only once, and only if it is armed', () => {
    const proxy = proxyOf({
      started: [{ type: 'timer', timer: 'idle', afterMs: 10, mode: 'idle' }],
      elapsed: [send('client', '!')],
    });
    const run = runDialogue(proxy, [elapses('other'), elapses('idle'), elapses('idle')]);
    assert.equal(run.output('client'), '!');
    assert.deepEqual(runDialogue(proxy, []).timers, ['timer idle 10 idle']);
  });
});

describe('runDialogue() with further connections', () => {
  const expect: ProxyAction = { type: 'expect', port: 'client#1', timeoutMs: 1000 };
  const expectServer: ProxyAction = { ...expect, port: 'server#1' };
  const claim: ProxyAction = { type: 'claim', side: 'client', max: 2 };
  const disconnect: ProxyAction = { type: 'disconnect', port: 'client#1' };

  /** Notes its events by type and port, and what it received. */
  function noting(answers: Partial<Record<ProxyEvent['type'], ProxyAction[]>>): ProxyFactory {
    const note = (event: ProxyEvent): ProxyAction => {
      const port = 'from' in event ? event.from : 'port' in event ? event.port : '';
      const code = `${event.type} ${port} ${event.type === 'received' ? toText(event.bytes) : ''}`;
      return { type: 'log', level: 'info', code: code.trim(), message: '' };
    };
    return {
      ...proxyOf(answers),
      create: () => ({ handle: (event) => [note(event), ...(answers[event.type] ?? [])] }),
    };
  }

  function told(factory: ProxyFactory, ...rest: Rest): string[] {
    const { trace } = runDialogue(factory, ...rest);
    return trace.filter((line) => line.startsWith('log')).map((line) => line.slice(9, -5));
  }

  it('meets an expectation: of the client by its next connection, of the server likewise', () => {
    const proxy = noting({ started: [expect, connect], accepted: [expectServer] });
    const dialogue = [client('b', 2), server('d', 2), client('a'), server('c')];
    assert.deepEqual(told(noting({ started: [expect] }), dialogue).slice(1), [
      'listening client#1',
      'accepted client#1',
      'received client#1 b',
      'received client a',
    ]);
    assert.throws(() => told(proxy, dialogue), /while connected/);
    const both = noting({ started: [connect], connected: [expectServer] });
    assert.deepEqual(told(both, dialogue).slice(2), [
      'listening server#1',
      'accepted server#1',
      'received server#1 d',
      'received client a',
      'received server c',
    ]);
  });

  it('fails an expectation where the test says so, and forgets one that is given up', () => {
    const failing = noting({ started: [expect] });
    assert.deepEqual(told(failing, [], { expects: [NOBODY_CAME] }).slice(1), [
      'expect-failed client#1',
    ]);
    assert.deepEqual(told(noting({ started: [expect, disconnect] }), []).slice(1), []);
  });

  it('brings claimed connections when they speak, as many as there may be', () => {
    const proxy = noting({ started: [claim], ended: [{ type: 'end', to: 'client#1' }] });
    const dialogue = [
      client('x', 2),
      client('y', 3),
      client('too much', 4),
      clientEnds(2),
      client('z', 5),
    ];
    assert.deepEqual(told(proxy, dialogue).slice(1), [
      'accepted client#1',
      'received client#1 x',
      'accepted client#2',
      'received client#2 y',
      'ended client#1',
      'accepted client#1',
      'received client#1 z',
    ]);
  });

  it('brings those that have spoken before the claim', () => {
    const proxy = noting({ received: [claim] });
    assert.deepEqual(told(proxy, [client('early', 2), client('go')]).slice(1, 4), [
      'received client go',
      'accepted client#1',
      'received client#1 early',
    ]);
  });
});

type Rest = [dialogue: Parameters<typeof runDialogue>[1], options?: ModelOptions];

describe('runDialogue() of an engine that breaks its contract', () => {
  const breaches: readonly [string, ProxyAction[]][] = [
    ['after close', [close, send('client', 'x')]],
    ['without that port', [send('server', 'x')]],
    ['while connected', [connect, connect]],
    ['after the end', [{ type: 'end', to: 'client' }, send('client', 'x')]],
    [
      'twice',
      [
        { type: 'end', to: 'client' },
        { type: 'end', to: 'client' },
      ],
    ],
    ['no number of bytes', [{ type: 'content-hint', length: -1 }]],
    ['no time', [{ type: 'timer', timer: 'idle', afterMs: -1, mode: 'idle' }]],
  ];
  for (const [what, started] of breaches)
    it(`throws for an action ${what}`, () => {
      assert.throws(() => runDialogue(proxyOf({ started }), []), new RegExp(what));
    });

  it('throws for bytes that change after they were sent', () => {
    const bytes = toBytes('abc');
    const proxy: ProxyFactory = {
      ...proxyOf({}),
      create: () => ({
        handle: ({ type }) => {
          if (type !== 'started') bytes.fill(0);
          return type === 'started' ? [{ type: 'send', to: 'client', bytes }] : [];
        },
      }),
    };
    assert.throws(() => runDialogue(proxy, [client('x')]), /changed bytes/);
  });
});

describe('showDialogue()', () => {
  it('is read back by parseDialogue()', () => {
    const dialogue = [
      client('GET / HTTP/1.1\r\n\0\xff"'),
      server('x', 3),
      clientEnds(),
      serverResets(2),
      client('y', 2),
      clientEnds(3),
      elapses('idle'),
    ];
    assert.deepEqual(parseDialogue(`# a comment\n\n${showDialogue(dialogue)}`), dialogue);
    assert.throws(() => parseDialogue('client says x'), /Cannot read the turn/);
  });
});
