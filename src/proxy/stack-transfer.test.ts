// Transfers through a child: what is withheld, what stands in its place, and what holds for any child whatsoever.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { toBytes, toText } from '../../test/support/latin1.ts';
import {
  contentHint,
  contentVerdict,
  elapsed,
  ended,
  received,
  stackRefused,
  stackVerdict,
  stacked,
} from '../../test/support/playbook-events.ts';
import { Upload } from '../../test/support/transfer-playbook.ts';
import type { ProxyEvent } from './engine.ts';
import type { TransferOptions } from './stack-transfer.ts';

const GONE = ['disconnect stack-client', 'disconnect stack-server'];
const DONE = [
  ended('stack-client'),
  ended('stack-server'),
  stackVerdict('accepted', 'program.ended'),
];

/** An upload whose child runs. */
function running(options: Partial<TransferOptions> = {}): Upload {
  return new Upload(options).when(stacked()).forget();
}

describe('a transfer', () => {
  it('withholds what announces it until the first byte, and is finished by the verdict', () => {
    new Upload({ hint: { length: 4, format: 'file' } })
      .expect(
        'hold client',
        'stack filter {"length":4,"format":"file"}',
        'timer transfer.idle 9 idle',
      )
      .when(stacked())
      .expect('end stack-server', 'release client')
      .gives('ab')
      .expect('send stack-client "ab"')
      .givesAll()
      .expect('end stack-client')
      .when(received('stack-server', 'AB'))
      .expect('BEGIN', 'OUTPUT AB')
      .when(received('stack-server', 'CD'))
      .expect('OUTPUT CD')
      .when(ended('stack-client'), ended('stack-server'))
      .expect()
      .when(stackVerdict('accepted', 'program.ended'))
      .expect(...GONE, 'FINISHED')
      .when(...DONE)
      .expect();
  });

  it('keeps what comes before the child runs', () => {
    new Upload()
      .gives('early')
      .gives(' bird')
      .givesAll()
      .forget()
      .when(stacked())
      .expect(
        'end stack-server',
        'send stack-client "early"',
        'send stack-client " bird"',
        'end stack-client',
        'release client',
      );
  });

  it('asks for its contents to be decoded', () => {
    new Upload({ decode: { coding: 'gzip', plainBytes: 2, maxRatio: 100, maxBytes: 0 } }).expect(
      'hold client',
      'stack filter decode {"coding":"gzip","plainBytes":2,"maxRatio":100,"maxBytes":0}',
      'timer transfer.idle 9 idle',
    );
  });

  it('takes the header off a message that the child gives back', () => {
    running({ maxHeaderBytes: 10 })
      .when(received('stack-server', 'A: b\r'))
      .expect()
      .when(received('stack-server', '\n\r\n'), contentHint(99))
      .expect()
      .when(received('stack-server', 'body\n\n'))
      .expect('BEGIN', 'OUTPUT body\n\n');
  });

  it('is refused without that header, and with one that is too long', () => {
    running({ maxHeaderBytes: 10 })
      .when(received('stack-server', 'A: b\r\n'), ...DONE)
      .expect(...GONE, 'REFUSED denied-by-unknown-fail content.bad-header');
    running({ maxHeaderBytes: 10 })
      .when(received('stack-server', 'A: bcdefgh\r\n\r\n'))
      .expect(...GONE, 'REFUSED denied-by-unknown-fail content.bad-header');
  });

  it('is refused by the policy where its contents break a bound before the child sees them', () => {
    const verdict = {
      word: 'error',
      description: 'a bomb',
      reason: 'content.too-compressed',
    } as const;
    running()
      .when({ type: 'stack-content-verdict', verdict })
      .expect(...GONE, 'REFUSED denied-by-policy content.too-compressed');
  });

  it('does not let a source go that is gone', () => {
    const upload = new Upload().gives('ab').givesAll().forget();
    upload.transfer.forgetSource();
    upload.when(stacked()).expect('end stack-server', 'send stack-client "ab"', 'end stack-client');
    const lost = new Upload().givesAll().forget();
    lost.transfer.forgetSource();
    lost.when(stackRefused()).expect('REFUSED denied-by-connection-fail connect.refused');
  });

  it('of nothing is announced all the same', () => {
    running()
      .givesAll()
      .forget()
      .when(...DONE)
      .expect(...GONE, 'BEGIN', 'FINISHED');
  });

  it('is announced by an accepting verdict, and by no other word', () => {
    running().when(contentVerdict('accept')).expect('BEGIN');
    running().when(contentVerdict('unspecified')).expect();
  });

  it('passes on how long the output will be', () => {
    running().when({ type: 'stack-content-hint', length: 7 }).expect('LENGTH 7');
  });

  it('tells of progress as often as it is asked to', () => {
    new Upload({ progressMs: 5 })
      .forget()
      .when(elapsed('transfer.progress'))
      .expect('timer transfer.progress 5 total', 'PROGRESS')
      .when(stacked(), elapsed('other'))
      .forget()
      .when(elapsed('transfer.progress'))
      .expect('timer transfer.progress 5 total', 'PROGRESS');
  });

  it('may wait for an answer to its announcement', () => {
    const paused = (): Upload =>
      running({ pausesAtBegin: true })
        .when(received('stack-server', 'AB'))
        .expect('hold stack-server', 'BEGIN');
    paused()
      .resumes()
      .expect('release stack-server', 'OUTPUT AB')
      .resumes()
      .expect()
      .when(received('stack-server', 'CD'), ...DONE)
      .expect('OUTPUT CD', ...GONE, 'FINISHED');
    // The verdict does not wait for a port that is held: its last bytes come after it.
    paused()
      .when(ended('stack-client'), stackVerdict('accepted', 'program.ended'))
      .expect()
      .resumes()
      .expect('release stack-server', 'OUTPUT AB')
      .when(received('stack-server', 'CD'), ended('stack-server'))
      .expect('OUTPUT CD', ...GONE, 'FINISHED');
    running({ pausesAtBegin: true })
      .when(...DONE)
      .expect('hold stack-server', 'BEGIN')
      .resumes()
      .expect('release stack-server', ...GONE, 'FINISHED');
  });
});

describe('a transfer that is refused', () => {
  for (const [word, verdict] of [
    ['reject', 'denied-by-policy'],
    ['drop', 'denied-by-policy'],
    ['error', 'denied-by-unknown-fail'],
  ] as const)
    it(`by ${word} leaves the destination untouched, and swallows the rest`, () => {
      running()
        .gives('ab')
        .forget()
        .when(contentVerdict(word, 'a virus'))
        .expect(...GONE, `REFUSED ${verdict} content.${word}`)
        .gives('cd')
        .givesAll()
        .when(received('stack-server', 'AB'), contentVerdict('accept'), ...DONE)
        .expect();
    });

  it('says what the child said', () => {
    const { transfer } = running();
    const [news] = transfer.handle(contentVerdict('reject', 'a virus'), []);
    assert.ok(news?.type === 'refused');
    assert.equal(news.failure.message, 'a virus');
    assert.deepEqual(news.failure.content, { word: 'reject', description: 'a virus' });
  });

  it('because the child may not run lets the source go', () => {
    new Upload()
      .forget()
      .when(stackRefused({ reason: 'program.cannot-start', verdict: 'denied-by-unknown-fail' }))
      .expect('release client', 'REFUSED denied-by-unknown-fail program.cannot-start');
  });

  it('because the child fails before its first byte', () => {
    running()
      .when(stackVerdict('denied-by-unknown-fail', 'program.failed', 'reset'))
      .expect(...GONE, 'REFUSED denied-by-unknown-fail program.failed');
    running()
      .when(stackVerdict('accepted', 'parent-ended', 'reset'))
      .expect(...GONE, 'REFUSED denied-by-unknown-fail parent-ended');
    running()
      .when(ended('stack-server', 'ECONNRESET'))
      .expect(...GONE, 'REFUSED denied-by-unknown-fail content.broken-off');
  });

  it('because nothing moves; a child that comes after that is sent away', () => {
    running()
      .when(elapsed('transfer.idle'))
      .expect(...GONE, 'REFUSED denied-by-limit content.timeout');
    new Upload()
      .forget()
      .when(elapsed('transfer.idle'))
      .expect('release client', 'REFUSED denied-by-limit content.timeout')
      .when(stacked())
      .expect(...GONE);
  });

  it('is none for what an earlier child says', () => {
    new Upload()
      .forget()
      .when(contentVerdict('reject'), stackVerdict('denied-by-policy', 'late'))
      .expect();
  });
});

describe('a transfer that is aborted', () => {
  it('after the first byte must be cut', () => {
    const flowing = (): Upload => running().when(received('stack-server', 'A')).forget();
    flowing()
      .when(contentVerdict('reject'))
      .expect(...GONE, 'ABORTED denied-by-policy content.reject');
    flowing()
      .when(stackVerdict('denied-by-unknown-fail', 'program.killed', 'reset'))
      .expect(...GONE, 'ABORTED denied-by-unknown-fail program.killed');
    flowing()
      .when(elapsed('transfer.idle'))
      .expect(...GONE, 'ABORTED denied-by-limit content.timeout');
    flowing()
      .when(ended('stack-server', 'EPIPE'))
      .expect(...GONE, 'ABORTED denied-by-unknown-fail content.broken-off');
  });

  it('when the destination fails', () => {
    for (const upload of [running(), running().when(received('stack-server', 'A')).forget()])
      upload
        .losesDestination()
        .expect(...GONE, 'ABORTED denied-by-connection-fail content.destination-lost')
        .losesDestination()
        .expect();
  });

  it('when the source breaks off', () => {
    running()
      .losesSource()
      .expect(...GONE, 'REFUSED denied-by-connection-fail content.source-lost')
      .losesSource()
      .expect();
    running()
      .when(received('stack-server', 'A'))
      .forget()
      .losesSource()
      .expect(...GONE, 'ABORTED denied-by-connection-fail content.source-lost');
  });

  it('late, when the child is to see all even if the destination has failed', () => {
    running({ completeCopy: true })
      .when(received('stack-server', 'A'))
      .forget()
      .losesDestination()
      .expect()
      .gives('cd')
      .givesAll()
      .expect('send stack-client "cd"', 'end stack-client')
      .when(received('stack-server', 'B'))
      .expect()
      .when(...DONE)
      .expect(...GONE, 'ABORTED denied-by-connection-fail content.destination-lost');
    running({ completeCopy: true, pausesAtBegin: true })
      .when(received('stack-server', 'A'))
      .forget()
      .losesDestination()
      .expect('release stack-server');
  });
});

/** What any child may do, and any engine. */
const happenings = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.string({ unit: fc.constantFrom('x', 'y'), maxLength: 9 }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom<ProxyEvent>(
        contentVerdict('accept'),
        contentVerdict('reject'),
        contentVerdict('unspecified'),
        ended('stack-client'),
        ended('stack-server'),
        ended('stack-server', 'ECONNRESET'),
        stackVerdict('accepted', 'ended'),
        stackVerdict('denied-by-unknown-fail', 'failed', 'reset'),
        elapsed('transfer.idle'),
      ),
    },
    { weight: 1, arbitrary: fc.constantFrom('gives' as const, 'resumes', 'loses', 'breaks') },
  ),
  { maxLength: 20 },
);

describe('any transfer', () => {
  const options = fc.record(
    { pausesAtBegin: fc.boolean(), completeCopy: fc.boolean() },
    { noNullPrototype: true },
  );

  it('gives nothing before it begins, begins once, ends once, and nothing follows a refusal', () => {
    const property = fc.property(options, happenings, (given, all) => {
      const upload = running(given);
      for (const one of all) play(upload, one);
      const news = upload.trace.filter((line) => /^[A-Z]/.test(line));
      const kinds = news.map((line) => line.split(' ')[0]);
      const [first] = kinds;
      const ends = kinds.filter(
        (kind) => kind === 'FINISHED' || kind === 'REFUSED' || kind === 'ABORTED',
      );
      assert.ok(kinds.filter((kind) => kind === 'BEGIN').length <= 1);
      assert.ok(ends.length <= 1);
      assert.equal(upload.transfer.isOver, ends.length === 1);
      if (ends.length === 1) assert.equal(kinds.at(-1), ends[0]);
      if (kinds.includes('OUTPUT') || kinds.includes('FINISHED')) assert.equal(first, 'BEGIN');
      if (kinds.includes('REFUSED')) assert.equal(kinds.length, 1);
    });
    fc.assert(property, { numRuns: 500 });
  });

  it('gives all that a good child gave, in any chunks, in order', () => {
    const property = fc.property(
      options,
      fc.array(fc.string({ maxLength: 9 })),
      (given, chunks) => {
        const upload = running(given).givesAll();
        for (const chunk of chunks) upload.when(received('stack-server', chunk)).resumes();
        upload.when(...DONE).resumes();
        const output = upload.trace.filter((line) => line.startsWith('OUTPUT '));
        assert.equal(
          output.map((line) => line.slice(7)).join(''),
          chunks.map((one) => toText(toBytes(one))).join(''),
        );
        assert.equal(upload.trace.at(-1), 'FINISHED');
      },
    );
    fc.assert(property);
  });
});

function play(upload: Upload, one: string | ProxyEvent): void {
  if (one === 'gives') upload.gives('in');
  else if (one === 'resumes') upload.resumes();
  else if (one === 'loses') upload.losesDestination();
  else if (one === 'breaks') upload.losesSource();
  else upload.when(typeof one === 'string' ? received('stack-server', one) : one);
}
