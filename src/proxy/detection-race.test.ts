import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Detection, Detector } from './detector.ts';
import type { DetectChoice } from './detection-race.ts';
import { DetectionRace } from './detection-race.ts';

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
