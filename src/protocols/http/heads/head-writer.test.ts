import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toBytes, toText } from '../../../../test/support/latin1.ts';
import { HeadWriter } from './head-writer.ts';

const SOURCE = toBytes(`abc${'-'.repeat(60)}xyz`);

describe('HeadWriter', () => {
  it('gives a view where nothing was changed', () => {
    const writer = new HeadWriter();
    writer.begin(SOURCE);
    writer.keep(0, 2);
    writer.keep(2, 66);
    assert.equal(writer.finish(), SOURCE);
    writer.begin(SOURCE);
    writer.keep(1, 66);
    const bytes = writer.finish();
    assert.equal(bytes.buffer, SOURCE.buffer);
    assert.equal(toText(bytes), toText(SOURCE).slice(1));
  });

  it('puts slices and texts together in their order', () => {
    const writer = new HeadWriter();
    writer.begin(SOURCE);
    writer.text('1\xff');
    writer.keep(0, 2);
    writer.keep(3, 66);
    writer.text('');
    writer.text('2');
    assert.equal(toText(writer.finish()), `1\xffab${'-'.repeat(60)}xyz2`);
    writer.begin(SOURCE);
    writer.keep(1, 2);
    const owned = writer.finishOwned();
    assert.notEqual(owned.buffer, SOURCE.buffer);
    assert.equal(toText(owned), 'b');
  });

  it('never writes where an earlier head stands, however many and long they are', () => {
    const writer = new HeadWriter();
    const heads = Array.from({ length: 300 }, (_, index) => {
      writer.begin(SOURCE);
      writer.text(`${index} `);
      writer.keep(3, 60);
      if (index === 150) {
        writer.text('given up');
        writer.begin(SOURCE);
        writer.keep(0, 3);
      }
      writer.text('y'.repeat(index * 10));
      writer.keep(63, 66);
      return { index, bytes: writer.finishOwned() };
    });
    for (const { index, bytes } of heads) {
      const beginning = index === 150 ? 'abc' : `${index} ${'-'.repeat(57)}`;
      assert.equal(toText(bytes), `${beginning}${'y'.repeat(index * 10)}xyz`);
    }
  });
});
