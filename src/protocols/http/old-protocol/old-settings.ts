// What a policy may say about answers that are older, or less, than HTTP/1.

import { z } from 'zod';

/** Settings of `httpProxy` about answers of old servers. */
export interface OldProtocolOptions {
  /**
   * Take answers of HTTP/0.9, which have no status line and no fields, to a GET that is the first request of its connection:
   * clients get them as a 200 whose body lasts to the end of the connection. Default: false, refused.
   */
  readonly permitHttp09Responses?: boolean;
  /** Take answers whose head ends, with the connection, behind a whole line. Default: false, refused. */
  readonly permitNullResponse?: boolean;
}

/** Checked settings about answers of old servers. */
export type OldProtocolSettings = Readonly<Required<OldProtocolOptions>>;

const yesOrNo = z.boolean({ error: 'give true or false' });

/** The part of the schema of `httpProxy` that is about answers of old servers. */
export const oldProtocolShape = {
  permitHttp09Responses: yesOrNo.default(false),
  permitNullResponse: yesOrNo.default(false),
};
