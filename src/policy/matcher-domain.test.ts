import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { onlyFault, wrong } from '../../test/support/policy-samples.ts';
import type { LiveFile } from '../proxy/live-input.ts';
import { readAtOnce } from '../../test/support/read-at-once.ts';
import { takeLiveInputs } from '../proxy/live-input.ts';
import { faultsOf } from '../proxy/policy-fault.ts';
import { takeMatchers } from './matcher.ts';
import { domainMatcher } from './matcher-domain.ts';

beforeEach(takeLiveInputs);
afterEach(takeMatchers); // a faulty one would be a fault of the next policy that a test defines

function theFile(): LiveFile {
  const [file] = takeLiveInputs();
  assert.ok(file?.kind === 'live-file');
  return file;
}

describe('domainMatcher()', () => {
  it('matches the domains of the policy', () => {
    const matcher = domainMatcher({ domains: ['example.org', '.example.net'] });
    for (const host of ['example.org', 'WWW.example.org.', 'a.example.net'])
      assert.equal(matcher.matches(host), true, host);
    for (const host of ['example.net', 'example.com', '192.0.2.1', '2001:db8::1'])
      assert.equal(matcher.matches(host), false, host);
    assert.deepEqual(takeLiveInputs(), []);
  });

  it('matches the domains of its file too, once it was read', () => {
    const matcher = domainMatcher({ domains: ['example.org'], file: 'x.txt' });
    const file = theFile();
    assert.equal(file.path, 'x.txt');
    assert.throws(() => matcher.matches('example.com'), /the list x\.txt was not read/);
    assert.deepEqual(readAtOnce(file, '# ads\n\nads.example\n.example.net\n'), []);
    for (const host of ['example.org', 'ads.example', 'www.ads.example', 'a.example.net'])
      assert.equal(matcher.matches(host), true, host);
    assert.equal(matcher.matches('example.net'), false);
  });

  it('keeps the old list if the new one has a faulty line', () => {
    const matcher = domainMatcher({ file: 'x.txt' });
    const file = theFile();
    readAtOnce(file, 'a.example');
    const [fault] = readAtOnce(file, 'b.example\n\n192.0.2\n');
    assert.deepEqual([fault?.line, fault?.value], [3, '"192.0.2"']);
    assert.deepEqual([matcher.matches('a.example'), matcher.matches('b.example')], [true, false]);
    readAtOnce(file, 'b.example');
    assert.deepEqual([matcher.matches('a.example'), matcher.matches('b.example')], [false, true]);
  });

  it('reads a long list in steps, and answers quickly whatever the length', () => {
    const matcher = domainMatcher({ file: 'x.txt' });
    const file = theFile();
    const lines = Array.from({ length: 50_000 }, (_, index) => `host-${index}.example`);
    assert.ok([...file.read(lines.join('\n'))].length >= 20);
    assert.equal(matcher.matches('www.host-49999.example'), true);
    const started = performance.now();
    for (let index = 0; index < 10_000; index++) matcher.matches(`www.other-${index}.example`);
    assert.ok(performance.now() - started < 1_000);
  });

  it('tells every domain that is none', () => {
    const faults = faultsOf(domainMatcher({ domains: ['a.b', '*.c.d', wrong(/x/)] }));
    assert.deepEqual(
      faults.map(({ path, value }) => `${path} ${value}`),
      ['domains[2] /x/'],
    );
    const { path, cure } = onlyFault(domainMatcher({ domains: ['a.b', '*.c'] }), 'domainMatcher(');
    assert.deepEqual([path, cure], ['domains[1]', 'write ".c" for the names below']);
  });

  it('refuses to be made of nothing', () => {
    for (const options of [{}, { domains: [] }])
      assert.match(onlyFault(domainMatcher(options), 'domainMatcher(').cure, /^give domains or/);
    assert.match(onlyFault(domainMatcher({ file: '' }), 'domainMatcher(').cure, /^give the path/);
    assert.match(onlyFault(domainMatcher(wrong(7)), 'domainMatcher(').cure, /^give the options/);
  });

  it('explains itself', () => {
    const texts = [
      domainMatcher({ domains: ['a.b'] }),
      domainMatcher({ domains: ['a.b', 'c.d'], file: 'x.txt' }),
      domainMatcher({ file: 'x.txt' }),
    ].map((matcher) => matcher.explain());
    assert.deepEqual(texts, [
      'is in a domain',
      'is in one of 2 domains or one of the domains of x.txt',
      'is in one of the domains of x.txt',
    ]);
  });
});
