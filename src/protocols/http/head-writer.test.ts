import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toBytes, toText } from '../../../test/support/latin1.ts';
import { HeadWriter } from './head-writer.ts';

const SOURCE = toBytes(`abc${'-'.repeat(60)}xyz`);

describe('HeadWriter', () => {
  it('gives a view where nothing was changed', () => {
    const writer = new HeadWriter();
    writer.begin(SOURCE);
    writer.keep(0, 2);
    writer.keep(2, 66);
    const bytes = writer.finish();
    assert.equal(bytes.buffer, SOURCE.buffer);
    assert.equal(toText(bytes), toText(SOURCE));
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
});
