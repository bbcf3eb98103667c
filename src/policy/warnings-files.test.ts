import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { takeLiveInputs } from '../proxy/live-input.ts';
import { definePolicy } from './define-policy.ts';
import { domainMatcher } from './matcher-domain.ts';
import { regexpFileMatcher } from './matcher-regexp-file.ts';
import { urlListMatcher } from './matcher-url-list.ts';
import type { Policy } from './policy.ts';
import { ruleListener } from './rule-listener.ts';
import { rule } from './rule.ts';
import { denyService } from './service.ts';
import { fileWarnings } from './warnings-files.ts';
import { zone } from './zone.ts';

/** A policy whose list files have all this text. */
function policyReading(text: string | undefined): Policy {
  takeLiveInputs();
  domainMatcher({ file: ['hosts', 'more-hosts'] });
  urlListMatcher({ file: 'urls' });
  regexpFileMatcher({ matchFile: 'patterns', ignoreFile: 'exceptions' });
  const policy = definePolicy({
    zones: [zone('all', { subnets: ['0.0.0.0/0'] })],
    rules: [rule({ service: denyService('no') })],
    listeners: [ruleListener('127.0.0.1:1')],
  });
  for (const input of policy.liveInputs) {
    if (input.kind !== 'live-file' || text === undefined) continue;
    const steps = input.read(text);
    while (steps.next().done !== true);
  }
  return policy;
}

function filesOf(policy: Policy): readonly unknown[] {
  return fileWarnings(policy).map(
    ({ message }) => /the list "(.*)" has no entries/.exec(message)?.[1],
  );
}

describe('fileWarnings()', () => {
  it('finds lists without entries; only exceptions may have none', () => {
    const files = ['hosts', 'more-hosts', 'urls', 'patterns'];
    for (const text of ['', '\uFEFF', '# nothing\n\n \n'])
      assert.deepEqual(filesOf(policyReading(text)), files);
    const [first] = fileWarnings(policyReading(''));
    assert.match(first?.file ?? '', /warnings-files\.test\.ts$/);
    assert.equal(first?.code, 'list.no-entries');
  });

  it('finds hosts files that name only the machine itself', () => {
    const policy = policyReading('127.0.0.1 localhost\n');
    assert.deepEqual(filesOf(policy).slice(0, 2), ['hosts', 'more-hosts']);
  });

  it('has nothing against others, and those that nobody has read', () => {
    assert.deepEqual(filesOf(policyReading('a.example')), []);
    assert.deepEqual(filesOf(policyReading(undefined)), []);
  });
});
