// Trailers: fields that come after a chunked body (RFC 9110, 6.5). Whoever passes them on must not let through what the
// receiver would have needed before the body, or takes for a field of the head. What frames messages, the parser refuses.

import type { Bytes } from '../../../proxy/engine.ts';
import type { FieldContext, FieldPolicy } from '../rules/field-policy.ts';
import type { Head } from '../heads/head.ts';
import type { HeadWriter } from '../heads/head-writer.ts';
import type { HeaderTable } from '../heads/header-table.ts';
import { flagsOf, HOP_BY_HOP } from '../heads/header-table.ts';
import type { StrictHeader } from '../strict-header/strict-header.ts';

/** Fields that count before the body, or never (RFC 9110, 6.5.1): requests' modifiers, authentication, control of answers. */
const TOO_LATE: ReadonlySet<string> = new Set([
  ...['age', 'authorization', 'cache-control', 'content-encoding', 'content-range', 'content-type'],
  ...[
    'cookie',
    'cookie2',
    'date',
    'expect',
    'expires',
    'forwarded',
    'if-match',
    'if-modified-since',
  ],
  ...['if-none-match', 'if-range', 'if-unmodified-since', 'location', 'max-forwards', 'origin'],
  ...['pragma', 'range', 'referer', 'retry-after', 'set-cookie', 'set-cookie2', 'vary', 'via'],
  ...['warning', 'www-authenticate', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto'],
  ...['x-real-ip', 'content-disposition', 'content-location', 'content-security-policy'],
  ...['strict-transport-security', 'x-http-method-override'],
  ...['content-length', 'transfer-encoding'], // in another spelling: as such they are refused
]);

/** What trailers of one direction pass. */
export interface TrailerForm extends FieldContext {
  readonly policy: FieldPolicy;
  readonly writer: HeadWriter;
}

/** Trailers that are kept. */
export class Trailers {
  readonly #form: TrailerForm;
  readonly #strict: StrictHeader | undefined;

  /** `strict` checks them as it does those of a head, where the policy wants that. */
  constructor(form: TrailerForm, strict?: StrictHeader) {
    this.#form = form;
    this.#strict = strict;
  }

  /** The table that their names are looked up in. */
  get names(): HeaderTable {
    return this.#form.policy.names;
  }

  /** The last chunk with the trailers that may pass, in bytes of our own. */
  write(head: Head<undefined>): Bytes {
    const { writer } = this.#form;
    writer.begin(head.bytes);
    writer.text('0\r\n');
    for (let index = 0; index < head.count; index++) this.#writeField(head, index);
    writer.text('\r\n');
    return writer.finishOwned();
  }

  #writeField(head: Head<undefined>, index: number): void {
    const { policy, writer, strip } = this.#form;
    const name = head.name(index).toLowerCase();
    const isPassed =
      (flagsOf(head.id(index)) & HOP_BY_HOP) === 0 &&
      !TOO_LATE.has(name.replaceAll('_', '-')) &&
      !strip.includes(name) &&
      this.#strict?.passes(head, index) !== false;
    if (isPassed) policy.writeField(head, index, this.#form, writer);
  }
}
