// docs/guide/cli.md names everything that the command can answer.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { it } from 'node:test';
import { WARNING_CODES } from '../src/policy/warning.ts';
import { VERDICTS } from '../src/proxy/verdict.ts';
import { sampleRecord } from './support/sample-record.ts';

const ROOT = `${import.meta.dirname}/..`;
const guide = readFileSync(`${ROOT}/docs/guide/cli.md`, 'utf8');

/** Everything that a pattern captures in the sources of a folder, tests excepted. */
function findCodes(folder: string, pattern: RegExp): readonly string[] {
  const paths = globSync(`src/${folder}/*.ts`, { cwd: ROOT }).filter(
    (path) => !path.endsWith('.test.ts'),
  );
  const texts = paths.map((path) => readFileSync(`${ROOT}/${path}`, 'utf8'));
  return texts.flatMap((text) => Array.from(text.matchAll(pattern), (match) => match[1] ?? ''));
}

/** Asserts that the guide has each of these words in backquotes. */
function assertNamed(words: readonly string[]): void {
  assert.ok(words.length > 0);
  for (const word of words)
    assert.ok(guide.includes(`\`${word}\``), `cli.md does not name ${word}`);
}

it('the guide names every reason code of decide', () => {
  assertNamed(findCodes('policy', /(?:refusalFor\(\s*|reason: )'([a-z]+\.[a-z-]+)'/g));
});

it('the guide names every code of a policy that does not load', () => {
  assertNamed(findCodes('instance', /'(policy\.[a-z-]+)'/g));
});

it('the guide names every field of a decision record, and every verdict', () => {
  assertNamed(Object.keys(sampleRecord()));
  assertNamed(VERDICTS);
});

it('the guide names every reason code of a session', () => {
  assertNamed(
    findCodes(
      'session',
      /'((?:chainer|connect|detect|dispatch|expect|limit|program|proxy-protocol|resolve|session|stack)\.[a-z-]+)'/g,
    ),
  );
  assertNamed(findCodes('instance', /'(instance\.stopped)'/g));
});

it('the guide names every code of a warning', () => {
  assertNamed(WARNING_CODES);
  const used = new Set(findCodes('policy', /\bwarn\(\s*'([a-z.-]+)'/g));
  assert.deepEqual([...used].sort(), [...WARNING_CODES].sort());
});

it('the guide names every option of the command', () => {
  const texts = ['program', 'nft-words', 'ca'].map((name) =>
    readFileSync(`${ROOT}/src/cli/${name}.ts`, 'utf8'),
  );
  const options = texts.join('').matchAll(/[oO]ption\(\s*'(--[a-z-]+)(?: <[a-z]+>)?'/g);
  const names = Array.from(options, (match) => match[1] ?? '');
  assert.ok(names.includes('--detected') && names.includes('--client'), names.join());
  assertNamed(names.filter((name) => !['--help', '--version'].includes(name)));
});

it('the guide names everything that keeps the packet filter from doing what it was asked', () => {
  assertNamed(findCodes('packet-filter', /PacketFilterError\(\s*'([a-z]+\.[a-z-]+)'/g));
});
