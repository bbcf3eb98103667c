import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { quoteText } from './escape.ts';
import { LineBytes } from './line-bytes.ts';

function written(fill: (line: LineBytes) => void, room = 1): string {
  const line = new LineBytes(room);
  fill(line);
  return line.copy(line.length).toString();
}

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 100 }),
  fc.string({ maxLength: 100 }),
  fc.constantFrom('', '"', '\\', 'é\u2028\n', '\ud800', 'x'.repeat(64), 'x'.repeat(5000)),
);

describe('LineBytes', () => {
  it('has what was added, one behind the other, however little room there was', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 100 })), (parts) => {
        const line = new LineBytes(1);
        for (const part of parts) line.add(part);
        assert.deepEqual([...line.copy(line.length)], [...Buffer.concat(parts)]);
      }),
    );
  });

  it('writes texts as UTF-8', () => {
    fc.assert(
      fc.property(fc.array(text), (texts) => {
        const line = written((one) => texts.forEach((each) => one.text(each)));
        assert.equal(line, texts.map((each) => Buffer.from(each).toString()).join(''));
      }),
    );
  });

  it('quotes texts as quoteText does', () => {
    fc.assert(
      fc.property(text, (one) =>
        assert.equal(
          written((line) => line.quoted(one)),
          quoteText(one),
        ),
      ),
    );
  });

  it('writes numbers as JSON has them', () => {
    const number = fc.oneof(
      fc.nat(),
      fc.maxSafeInteger(),
      fc.double(),
      fc.constantFrom(null, -0, -1),
    );
    const edges = [0, 9, 10, 99, 100, 65_535, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 1e21, NaN, Infinity];
    const check = (one: number | null) =>
      assert.equal(
        written((line) => line.number(one)),
        JSON.stringify(one),
      );
    edges.forEach(check);
    fc.assert(fc.property(number, check));
  });

  it('writes whole numbers with as many digits as they must have', () => {
    const whole = fc.oneof(fc.nat(1000), fc.integer({ min: 0, max: 2 ** 32 - 1 }));
    fc.assert(
      fc.property(whole, fc.integer({ min: 1, max: 12 }), (value, least) =>
        assert.equal(
          written((line) => line.digits(value, least)),
          String(value).padStart(least, '0'),
        ),
      ),
    );
  });

  it('drops what is cut, and copies as much as it is asked for', () => {
    const line = new LineBytes(16);
    line.text('begun and dropped');
    line.cut(5);
    line.cut(100);
    line.text('!');
    assert.equal(line.length, 6);
    assert.equal(line.view(6).toString(), 'begun!');
    const copy = line.copy(5);
    line.cut(0);
    line.text('other');
    assert.equal(copy.toString(), 'begun');
  });
});
