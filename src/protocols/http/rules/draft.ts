// A message that functions of the policy may change: whether they have, and whether they still can, because they may keep
// it for longer than they decide about it.

import { PolicyFault } from '../../../proxy/violation.ts';
import type { HttpField } from './http-field.ts';
import type { UrlParts } from '../urls/http-url.ts';

/** What is common to requests and responses. */
export class Draft {
  /** Whether anything was changed. */
  isChanged = false;
  /** Whether Host was set by itself: then it need not follow the URL. */
  hasOwnHost = false;
  /** The fields that functions of the policy made, as they stand in the list of all fields; undefined if there is none. */
  ownFields: Set<HttpField> | undefined;
  #isSealed = false;

  /** It is decided about: from now on it is only read. */
  seal(): void {
    this.#isSealed = true;
  }

  /** Notes a change of the message. Throws a PolicyFault for one that comes too late to count. */
  change(what: string): void {
    this.checkTime(what);
    this.isChanged = true;
  }

  /** Throws a PolicyFault where it is too late for a change. */
  checkTime(what: string): void {
    if (this.#isSealed)
      throw new PolicyFault(
        'policy.invalid-result',
        `The ${what} was changed too late: change it before the function answers`,
      );
  }
}

/** A request with its method and URL, which may become others. */
export class RequestDraft extends Draft {
  method: string;
  url: UrlParts;
  /** Whether it is another request now, about which lists of URLs must be asked again. */
  isRetargeted = false;

  constructor(method: string, url: UrlParts) {
    super();
    this.method = method;
    this.url = url;
  }
}
