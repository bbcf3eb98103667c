import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { samplePeer } from '../../test/support/sample-peer.ts';
import type { Detection, Detector } from './detector.ts';
import type { DetectChoice } from './detection-race.ts';
import { DetectionRace } from './detection-race.ts';
import type { SeenCertificate } from './tls-facts.ts';

/** A detector that recognises a text. */
function lineFor(name: string, readsServer = false): DetectChoice {
  const detector: Detector = {
    kind: 'detector',
    name,
    readsServer,
    detect: (_side, bytes, { isComplete }): Detection => {
      const text = Buffer.from(bytes).toString();
      if (text.startsWith(name)) return 'match';
      return name.startsWith(text) && !isComplete ? 'undecided' : 'no-match';
    },
    explain: () => name,
  };
  return { detector };
}

const long = lineFor('abcd');
const short = lineFor('ab');
const greeting = lineFor('hello', true);
const more = { isComplete: false };

function race(): DetectionRace<DetectChoice> {
  return new DetectionRace([long, short, greeting]);
}

/** Asks for a certificate after a text. */
const asking: DetectChoice = {
  detector: {
    ...lineFor('ab').detector,
    detect: (_side, bytes) =>
      Buffer.from(bytes).toString().startsWith('ab') ? 'certificate' : 'no-match',
    judgeCertificate: ({ subject }) => {
      if (subject === 'broken') throw new Error('broken');
      return subject === 'bank';
    },
  },
};

describe('a detector that asks for a certificate', () => {
  const shown = (subject: string): SeenCertificate => samplePeer({ subject });

  it('waits for it, once none before it may win', () => {
    const one = new DetectionRace([long, asking, short]);
    assert.equal(one.show('client', Buffer.from('ab'), more), 'undecided');
    assert.equal(one.awaitsCertificate, undefined);
    assert.equal(one.show('client', Buffer.from('abx'), more), 'undecided');
    assert.equal(one.awaitsCertificate, asking);
    assert.equal(one.showCertificate(long, shown('bank')), 'undecided');
    assert.equal(one.showCertificate(asking, shown('bank')), asking);
  });

  it('does not win by another one, by none, at the end, or if it fails', () => {
    for (const certificate of [shown('shop'), undefined]) {
      const one = new DetectionRace([asking, short]);
      one.show('client', Buffer.from('ab'), more);
      assert.equal(one.showCertificate(asking, certificate), short);
      assert.equal(one.showCertificate(asking, shown('bank')), short);
    }
    const ended = new DetectionRace([asking]);
    ended.show('client', Buffer.from('ab'), { isComplete: true });
    assert.equal(ended.finish(), 'none');
    const failing = new DetectionRace([asking]);
    failing.show('client', Buffer.from('ab'), more);
    assert.throws(() => failing.showCertificate(asking, shown('broken')), /broken/);
    assert.equal(failing.result, 'none');
  });
});

describe('DetectionRace', () => {
  it('lets the first of the list win that will ever say yes, however the bytes come', () => {
    const slow = race();
    assert.equal(slow.show('client', Buffer.from('ab'), more), 'undecided'); // the second one says yes already
    assert.equal(slow.show('client', Buffer.from('abcd'), more), long);
    assert.equal(race().show('client', Buffer.from('abcd'), more), long);
    const other = race();
    other.show('client', Buffer.from('ab'), more);
    assert.equal(other.show('client', Buffer.from('abx'), more), short);
  });

  it('finds nothing when all say no, and what is not decided at the end is no', () => {
    assert.equal(race().show('client', Buffer.from('x'), more), 'none');
    const open = race();
    assert.equal(open.show('client', Buffer.from('abc'), more), 'undecided');
    assert.equal(open.finish(), short);
    assert.equal(race().finish(), 'none');
  });

  it('asks of a server only those whose protocol lets it speak first', () => {
    const silent = race();
    assert.equal(silent.serverFirst, greeting);
    assert.equal(silent.show('server', Buffer.from(''), more), 'undecided');
    assert.equal(silent.show('server', Buffer.from(''), { isComplete: true }), 'undecided');
    assert.equal(silent.serverFirst, undefined);
    assert.equal(silent.show('client', Buffer.from('abcd'), more), long);
  });

  it('takes a server that speaks first for one of those', () => {
    assert.equal(race().show('server', Buffer.from('hello'), more), greeting);
    assert.equal(race().show('server', Buffer.from('hell'), more), 'undecided');
    assert.equal(race().show('server', Buffer.from('abcd'), more), 'none');
  });
});
