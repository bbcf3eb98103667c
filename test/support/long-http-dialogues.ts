// Dialogues of HTTP/1 whose bodies are long enough for relays, and whose servers answer before they have them.

import fc from 'fast-check';
import { chunkOf, interim } from './arbitraries-http.ts';
import type { Dialogue, Speaker, Turn } from './dialogue.ts';

const SHORT_REQUEST = 'GET / HTTP/1.1\r\nHost: a.example\r\n\r\n';

type LongFraming = 'length' | 'one chunk' | 'chunks' | 'until the end';

/** A body of this length, and what frames it. */
function longBody(
  length: number,
  framing: LongFraming,
): { readonly fields: string; readonly text: string } {
  const text = 'x'.repeat(length);
  if (framing === 'until the end') return { fields: '', text };
  if (framing === 'length') return { fields: `Content-Length: ${length}\r\n`, text };
  const pieces = framing === 'chunks' ? ['first', text, 'last'] : [text];
  const chunks = pieces.map((piece) => chunkOf(piece, '', '')).join('');
  return { fields: 'Transfer-Encoding: chunked\r\n', text: `${chunks}0\r\n\r\n` };
}

/** Enough for a relay, mostly. */
const longRequest = fc
  .tuple(
    fc.constantFrom('POST', 'POST', 'PUT'),
    fc.constantFrom(3, 20_000, 20_000, 40_000, 100_000),
    fc.constantFrom<LongFraming>('length', 'length', 'one chunk', 'chunks'),
    fc.nat(4),
  )
  .map(([verb, length, framing, expects]) => {
    const { fields, text } = longBody(length, framing);
    const expectation = expects === 0 ? 'Expect: 100-continue\r\n' : '';
    return `${verb} /up HTTP/1.1\r\nHost: a.example\r\n${expectation}${fields}\r\n${text}`;
  });

/** Short ones more often: a server that answers early has not much to say. */
const longResponse = fc
  .tuple(
    interim,
    fc.constantFrom('200 OK', '404 ', '413 Too much'),
    fc.constantFrom(0, 3, 3, 20_000),
    fc.constantFrom<LongFraming>('length', 'length', 'one chunk', 'chunks', 'until the end'),
  )
  .map(([before, start, length, framing]) => {
    const { fields, text } = longBody(length, framing);
    return `${before}HTTP/1.1 ${start}\r\n${fields}\r\n${text}`;
  });

/** What one peer says, in pieces, and how it ends. */
function inPieces(from: Speaker, texts: fc.Arbitrary<readonly string[]>): fc.Arbitrary<Dialogue> {
  return fc
    .tuple(
      texts,
      fc.array(fc.nat(), { maxLength: 4 }),
      fc.constantFrom('end', 'reset', 'stay', 'stay'),
    )
    .map(([parts, cuts, does]) => {
      const text = parts.join('');
      const places = cuts.map((cut) => cut % (text.length + 1)).sort((one, other) => one - other);
      const turns = [...places, text.length].map((place, index): Turn => {
        return { from, says: text.slice(places[index - 1] ?? 0, place) };
      });
      return does === 'stay' ? turns : [...turns, { from, does }];
    });
}

const someRequests = fc.array(fc.oneof(longRequest, longRequest, fc.constant(SHORT_REQUEST)), {
  minLength: 1,
  maxLength: 3,
});
const someResponses = fc.array(longResponse, { minLength: 1, maxLength: 2 });

/** Exchanges of long bodies: what each peer says, one behind the other, which may come in any order. */
export const longHttpDialogues: fc.Arbitrary<Dialogue> = fc
  .tuple(
    inPieces('client', someRequests),
    inPieces('server', someResponses),
    inPieces('server 2', someResponses),
    inPieces('server 3', someResponses),
  )
  .map((dialogues) => dialogues.flat());
