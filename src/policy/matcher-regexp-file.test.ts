import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { onlyFault, textAt, wrong } from '../../test/support/policy-samples.ts';
import type { LiveFault, LiveInput } from '../proxy/live-input.ts';
import { readAtOnce } from '../../test/support/read-at-once.ts';
import { takeLiveInputs } from '../proxy/live-input.ts';
import type { Matcher } from '../proxy/matcher.ts';
import { sourceOf } from '../proxy/source-location.ts';
import { takeMatchers } from './matcher.ts';
import type { RegexpFileMatcherOptions } from './matcher-regexp-file.ts';
import { regexpFileMatcher } from './matcher-regexp-file.ts';

beforeEach(takeLiveInputs);
afterEach(takeMatchers); // a faulty one would be a fault of the next policy that a test defines

interface Made {
  readonly matcher: Matcher;
  readonly files: readonly LiveInput[];
  /** Gives a file, 0 or 1, a content. */
  readonly read: (file: number, text: string) => readonly LiveFault[];
}

function make(options: Partial<RegexpFileMatcherOptions> = {}): Made {
  const matcher = regexpFileMatcher({ matchFile: 'match.txt', ...options });
  const files = takeLiveInputs();
  return {
    matcher,
    files,
    read: (index, text) => {
      const file = files[index];
      assert.ok(file?.kind === 'live-file');
      return readAtOnce(file, text);
    },
  };
}

describe('regexpFileMatcher()', () => {
  it('matches by the lines of its files, and reads on after a blank line', () => {
    const { matcher, read } = make({ ignoreFile: 'ignore.txt' });
    assert.deepEqual(read(0, '# ads\n^ads\\.\n\n  /banner/  \r\n'), []);
    assert.deepEqual(read(1, 'good'), []);
    for (const text of ['ads.example', 'x/Banner/']) assert.ok(matcher.matches(text), text);
    for (const text of ['ads.good', 'x/y', '# ads']) assert.ok(!matcher.matches(text), text);
  });

  it('can be told that case counts', () => {
    const { matcher, read } = make({ ignoreCase: false });
    read(0, 'a');
    assert.deepEqual([matcher.matches('A'), matcher.matches('a')], [false, true]);
  });

  it('throws until its files were read: a list that is not there must not let anything pass', () => {
    const { matcher, read } = make({ ignoreFile: 'ignore.txt' });
    assert.throws(() => matcher.matches('x'), /the list match\.txt was not read/);
    read(0, 'x');
    assert.throws(() => matcher.matches('x'), /the list ignore\.txt was not read/);
  });

  it('throws again when what was read is given up', () => {
    const { matcher, files, read } = make();
    read(0, 'x');
    assert.ok(matcher.matches('x'));
    for (const input of files) if (input.kind === 'live-file') input.forget();
    assert.throws(() => matcher.matches('x'), /the list match\.txt was not read/);
  });

  it('goes over to a new content, and keeps the old one if the new one is faulty', () => {
    const { matcher, read } = make();
    read(0, 'a');
    assert.deepEqual(read(0, 'b\n\nc('), [
      { line: 3, value: '"c("', cure: 'correct it: missing closing ): `c(`' },
    ]);
    assert.deepEqual([matcher.matches('a'), matcher.matches('b')], [true, false]);
    assert.deepEqual(read(0, 'b'), []);
    assert.deepEqual([matcher.matches('a'), matcher.matches('b')], [false, true]);
  });

  it('matches nothing with an empty file', () => {
    const { matcher, read } = make();
    assert.deepEqual(read(0, '# nothing yet\n'), []);
    assert.equal(matcher.matches('x'), false);
  });

  it('tells the first of many faulty lines', () => {
    const faults = make().read(0, '(\n'.repeat(100));
    assert.equal(faults.length, 21);
  });

  it('reads a long list in steps', () => {
    regexpFileMatcher({ matchFile: 'match.txt' });
    const [file] = takeLiveInputs();
    assert.ok(file?.kind === 'live-file');
    const steps = [...file.read('abc\n'.repeat(1_000))];
    assert.ok(steps.length > 10, String(steps.length));
  });

  it('knows the line of the policy that names the file', () => {
    regexpFileMatcher({ matchFile: 'match.txt' });
    const [file] = takeLiveInputs();
    assert.ok(file !== undefined);
    assert.match(textAt(sourceOf(file)), /regexpFileMatcher\(/);
  });

  it('refuses what is no path, and then has no file to read', () => {
    for (const matchFile of [undefined, 7, ''])
      assert.match(
        onlyFault(regexpFileMatcher({ matchFile: wrong(matchFile) }), 'regexpFileMatcher(').cure,
        /^give the path of a file/,
      );
    assert.deepEqual(takeLiveInputs(), []);
  });

  it('explains itself', () => {
    assert.equal(make().matcher.explain(), 'matches one of the patterns of match.txt');
    assert.equal(
      make({ ignoreFile: 'b.txt' }).matcher.explain(),
      'matches one of the patterns of match.txt and none of b.txt',
    );
  });
});
