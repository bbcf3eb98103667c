// What a policy may say about requests and answers that are older, or less, than HTTP/1.

import { yesOrNo } from '../option-schemas.ts';

/** Settings of `httpProxy` about old clients and servers. */
export interface OldProtocolOptions {
  /**
   * Take a request of HTTP/0.9, `GET /path` without version and fields, as the first and only one of a connection: it goes on
   * as one of HTTP/1.1, and its client gets the body of the answer alone. It names no host, so `requireHostHeader` must be
   * false. Default: false, refused.
   */
  readonly permitHttp09Requests?: boolean;
  /**
   * Take answers of HTTP/0.9, which have no status line and no fields, to a GET that is the first request of its connection:
   * clients get them as a 200 whose body lasts to the end of the connection. Default: false, refused.
   */
  readonly permitHttp09Responses?: boolean;
  /** Take answers whose head ends, with the connection, behind a whole line. Default: false, refused. */
  readonly permitNullResponse?: boolean;
}

/** Checked settings about old clients and servers. */
export type OldProtocolSettings = Readonly<Required<OldProtocolOptions>>;

/** The part of the schema of `httpProxy` that is about old clients and servers. */
export const oldProtocolShape = {
  permitHttp09Requests: yesOrNo.default(false),
  permitHttp09Responses: yesOrNo.default(false),
  permitNullResponse: yesOrNo.default(false),
};
