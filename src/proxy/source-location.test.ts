import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  parseFrame,
  rememberSource,
  shareSource,
  showSource,
  sourceOf,
} from './source-location.ts';

function made(): object {
  const object = {};
  rememberSource(object, made);
  return object;
}

describe('sourceOf()', () => {
  it('is the line that called the factory', () => {
    const first = sourceOf(made());
    const second = sourceOf(made());
    assert.equal(first?.file, import.meta.filename);
    assert.equal(second?.line, first.line + 1);
    assert.ok(first.column > 1);
  });

  it('is that of the object that another one was made of', () => {
    const [original, other] = [made(), {}];
    shareSource(other, original);
    assert.equal(sourceOf(other), sourceOf(original));
    shareSource(other, {});
    assert.equal(sourceOf(other), sourceOf(original));
  });

  it('is undefined for what no policy function made', () => {
    assert.equal(sourceOf({}), undefined);
  });

  it('leaves the length of stack traces as it was', () => {
    const limit = Error.stackTraceLimit;
    made();
    assert.equal(Error.stackTraceLimit, limit);
  });
});

describe('showSource()', () => {
  it('writes the place as compilers do', () => {
    assert.equal(
      showSource({ file: '/etc/zorp/policy.ts', line: 12, column: 7 }),
      '/etc/zorp/policy.ts:12',
    );
    assert.equal(showSource(undefined), 'unknown place');
  });
});

describe('parseFrame()', () => {
  const place = { file: '/etc/zorp/policy.ts', line: 12, column: 7 };

  it('reads the frames of V8', () => {
    const frames = [
      '    at file:///etc/zorp/policy.ts:12:7',
      '    at main (file:///etc/zorp/policy.ts:12:7)',
      '    at main (file:///etc/zorp/policy.ts?revision=2:12:7)',
      '    at Object.<anonymous> (/etc/zorp/policy.ts:12:7)',
      '    at new Zone (/etc/zorp/policy.ts:12:7)',
    ];
    for (const frame of frames) assert.deepEqual(parseFrame(frame), place, frame);
  });

  it('decodes the path of a URL', () => {
    assert.equal(
      parseFrame('    at file:///etc/zorp/my%20policy.ts:1:1')?.file,
      '/etc/zorp/my policy.ts',
    );
  });

  it('reads nothing where there is no file', () => {
    for (const frame of ['', '    at <anonymous>', '    at native', 'Error'])
      assert.equal(parseFrame(frame), undefined);
  });
});
