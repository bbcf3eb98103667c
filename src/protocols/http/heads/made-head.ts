// A head that was changed by the policy, in the form of one that was received: all that is done with heads is done with it.

import { PolicyFault } from '../../../proxy/violation.ts';
import { bytesOf } from './byte-text.ts';
import { Head } from './head.ts';
import type { HeaderTable } from './header-table.ts';
import { UNKNOWN } from './header-table.ts';
import type { HttpField } from '../rules/http-field.ts';

/** What a head is made of; whoever gives the texts has checked them. */
export interface HeadContent<Line> {
  readonly line: Line;
  /** The first line, without its CRLF. */
  readonly lineText: string;
  readonly fields: readonly HttpField[];
}

/** What `maxHeadBytes` may be at most for heads that peers send. */
const MAX_MADE_BYTES = 1_048_576;

/**
 * Makes a head. Throws a PolicyFault if functions of the policy made it too long. The ids of its fields are those of
 * `names`; those that are exempt obey no rule of their name.
 */
export function makeHead<Line>(
  { line, lineText, fields }: HeadContent<Line>,
  names: HeaderTable,
  isExempt: (field: HttpField, id: number) => boolean = () => false,
): Head<Line> {
  const table: number[] = [];
  let text = `${lineText}\r\n`;
  for (const field of fields) {
    const [name, value] = field;
    const id = names.idOf(name);
    const start = text.length;
    const colon = start + name.length;
    const valueStart = colon + 2;
    const valueEnd = valueStart + value.length;
    table.push(start, colon, valueStart, valueEnd, isExempt(field, id) ? UNKNOWN : id);
    text += `${name}: ${value}\r\n`;
    if (text.length > MAX_MADE_BYTES) throw tooLong();
  }
  const bytes = bytesOf(`${text}\r\n`);
  return new Head({ line, bytes, base: 0, end: bytes.length, table, count: fields.length });
}

function tooLong(): PolicyFault {
  return new PolicyFault(
    'policy.invalid-result',
    `The header fields that functions of the policy made are too long: give fewer, of at most ${MAX_MADE_BYTES} bytes in all`,
  );
}
