import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ASKS_NOTHING, maskOf } from './key-mask.ts';
import { QuestionAtoms } from './question-atoms.ts';

describe('QuestionAtoms', () => {
  it('takes the keys of a question, of the levels that are used, in place of those before', () => {
    const atoms = new QuestionAtoms([undefined, 'source', 'destination', 'source'], [0, 1, 2]);
    atoms.take({
      find: (level, finder) => {
        finder.found(level * 10, 5);
        finder.found(level * 10 + 1, 3);
      },
    });
    const keys = atoms.levels.map(({ keys: all, count }) => all.slice(0, count));
    assert.deepEqual(keys, [[1, 2], [11, 12], [21, 22], []]);
    assert.deepEqual(atoms.levels[1]?.points, [5, 3]);
    assert.equal(atoms.sourceMask, ASKS_NOTHING | maskOf(1, 11) | maskOf(1, 12));
    assert.equal(atoms.destinationMask, ASKS_NOTHING | maskOf(2, 21) | maskOf(2, 22));
    atoms.take({ find: (level, finder) => level === 2 && finder.found(7, 1) });
    assert.deepEqual(
      atoms.levels.map(({ count }) => count),
      [0, 0, 1, 0],
    );
    assert.equal(atoms.sourceMask, ASKS_NOTHING);
    assert.equal(atoms.destinationMask, ASKS_NOTHING | maskOf(2, 8));
  });
});
