import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { textAt } from '../../test/support/policy-samples.ts';
import { sourceOf } from '../proxy/source-location.ts';
import { called, placed, WARNING_CODES, warn } from './warning.ts';
import { zone } from './zone.ts';

const office = zone('office', {});

describe('warn()', () => {
  it('has the place of what it is about', () => {
    const warning = warn('zone.empty', office, { message: 'a', cure: 'b' });
    const { code, message, cure, ...location } = warning;
    assert.deepEqual([code, message, cure], ['zone.empty', 'a', 'b']);
    assert.deepEqual(location, { ...sourceOf(office) });
    assert.match(textAt(sourceOf(office)), /zone\('office'/);
  });

  it('has no place where none is known', () => {
    const { file, line, column } = warn('name.case', {}, { message: 'a', cure: 'b' });
    assert.deepEqual([file, line, column], [undefined, undefined, undefined]);
  });
});

describe('the words of warnings', () => {
  it('call an object by its kind and name, with its place if need be', () => {
    assert.equal(called(office), 'zone "office"');
    assert.match(placed(office, called(office)), /^zone "office" \(\/.*warning\.test\.ts:8\)$/);
  });

  it('have each code once', () => {
    assert.equal(new Set(WARNING_CODES).size, WARNING_CODES.length);
  });
});
