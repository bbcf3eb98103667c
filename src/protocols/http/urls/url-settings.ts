// What a policy may say about URLs: which departures from the standard it takes, and in which form they leave.

import { z } from 'zod';
import { yesOrNo } from '../option-schemas.ts';

/** Settings of `httpProxy` about URLs. */
export interface UrlOptions {
  /**
   * Send paths and queries in canonical form; otherwise as they were received, once they have been checked. Functions of
   * the policy and lists of URLs see the canonical form in either case. Default: true.
   */
  readonly useCanonicalizedUrls?: boolean;
  /** Take escapes such as `%u4F60`, which only servers of Windows know. Default: false. */
  readonly permitUnicodeUrl?: boolean;
  /** Take a percent sign that begins no escape for itself: it leaves as `%25`. Default: false, refused. */
  readonly permitInvalidHexEscape?: boolean;
  /** Take `http://user:password@host/`; user and password are dropped, never sent on. Default: false, refused. */
  readonly permitUserInfo?: boolean;
}

/** Checked settings about URLs. */
export type UrlSettings = Readonly<Required<UrlOptions>>;

/** The part of the schema of `httpProxy` that is about URLs. */
export const urlShape = {
  useCanonicalizedUrls: yesOrNo.default(true),
  permitUnicodeUrl: yesOrNo.default(false),
  permitInvalidHexEscape: yesOrNo.default(false),
  permitUserInfo: yesOrNo.default(false),
};

/** The settings of a policy that says nothing about URLs. */
export const DEFAULT_URL_SETTINGS: UrlSettings = z.strictObject(urlShape).parse({});
