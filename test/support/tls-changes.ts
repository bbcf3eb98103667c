// What happens to bytes on their way: by chance, and at places that are far enough for every message of a handshake.
import fc from 'fast-check';

/** One change, of the bytes from this place on. */
export interface Change {
  /** Counted from the first byte that was ever said. */
  readonly at: number;
  readonly how: 'flip' | 'cut' | 'repeat' | 'insert';
  /** The bits that are flipped, or what is inserted. */
  readonly byte: number;
  /** How many bytes are cut, repeated or inserted. */
  readonly length: number;
}

// A hello with a key share of ML-KEM has some 1,500 bytes, and a server says 2,500 with its certificate.
const FAR = 4_000;
const RECORD_HEADS = [0, 1, 3, 5, 6, 9, 11, 43, 44];

const change: fc.Arbitrary<Change> = fc.record({
  at: fc.oneof(fc.nat(FAR), fc.constantFrom(...RECORD_HEADS), fc.nat(200)),
  how: fc.constantFrom('flip', 'flip', 'cut', 'repeat', 'insert'),
  byte: fc.oneof(fc.integer({ min: 1, max: 255 }), fc.constantFrom(20, 21, 22, 23, 0x80)),
  length: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 600 })),
});

/** Some changes, or none, which leaves a handshake good. */
export const changes: fc.Arbitrary<readonly Change[]> = fc.oneof(
  { weight: 1, arbitrary: fc.constant([]) },
  { weight: 9, arbitrary: fc.array(change, { minLength: 1, maxLength: 4 }) },
);

/** A way of bytes on which they are changed. */
export class ChangedWay {
  readonly #changes: readonly Change[];
  #count = 0;

  constructor(list: readonly Change[]) {
    this.#changes = [...list].sort((one, other) => one.at - other.at);
  }

  /** What arrives of these bytes. */
  pass(bytes: Buffer): Buffer {
    const start = this.#count;
    this.#count += bytes.length;
    const here = this.#changes.filter(({ at }) => at >= start && at < this.#count);
    return here.reduceRight((rest, one) => changed(rest, one.at - start, one), bytes);
  }
}

function changed(bytes: Buffer, place: number, { how, byte, length }: Change): Buffer {
  const [before, behind] = [bytes.subarray(0, place), bytes.subarray(place)];
  switch (how) {
    case 'flip':
      return Buffer.concat([before, Buffer.of((behind[0] ?? 0) ^ byte), behind.subarray(1)]);
    case 'cut':
      return Buffer.concat([before, behind.subarray(length)]);
    case 'repeat':
      return Buffer.concat([before, behind.subarray(0, length), behind]);
    case 'insert':
      return Buffer.concat([before, Buffer.alloc(length, byte), behind]);
  }
}
