// A head without some of its fields, or with others in their places: what is left out here, nobody behind sees.

import { Buffer } from 'node:buffer';
import { copyOf } from './byte-text.ts';
import { FIELD_SLOTS } from './field-texts.ts';
import { Head } from './head.ts';

/** What becomes of a field: it stays (undefined), goes (null), or has another value, one character a byte. */
export type EditedValue = string | null | undefined;

/** A copy of a head with its fields edited; the head itself where nothing is to change. */
export function editHead<Line>(head: Head<Line>, edit: (index: number) => EditedValue): Head<Line> {
  const edits = Array.from({ length: head.count }, (_field, index) => edit(index));
  return edits.every((one) => one === undefined) ? head : rewritten(head, edits);
}

function rewritten<Line>(head: Head<Line>, edits: readonly EditedValue[]): Head<Line> {
  const parts: Uint8Array[] = [copyOf(head.bytes, head.base, head.lineStart(0))];
  const table: number[] = [];
  let at = head.lineStart(0) - head.base;
  for (const [index, edit] of edits.entries()) {
    if (edit === null) continue;
    const line =
      edit === undefined
        ? head.bytes.subarray(head.lineStart(index), head.lineStart(index + 1))
        : Buffer.from(`${head.name(index)}: ${edit}\r\n`, 'latin1');
    table.push(...placesOf(head, index, { at, edit }));
    parts.push(line);
    at += line.length;
  }
  parts.push(Buffer.from('\r\n', 'latin1'));
  return new Head({
    line: head.line,
    bytes: Buffer.concat(parts),
    base: 0,
    end: at + 2,
    table,
    count: table.length / FIELD_SLOTS,
  });
}

/** Where the parts of a field are whose line begins at `at`; as Head reads them. */
function placesOf(
  head: Head<unknown>,
  index: number,
  { at, edit }: { readonly at: number; readonly edit: string | undefined },
): readonly number[] {
  const start = head.lineStart(index);
  const colon = at + head.colon(index) - start;
  const value = edit === undefined ? at + head.valueStart(index) - start : colon + 2;
  const valueEnd = edit === undefined ? at + head.valueEnd(index) - start : value + edit.length;
  return [at, colon, value, valueEnd, head.id(index)];
}
