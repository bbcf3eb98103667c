// The filter by category: what becomes of URLs of a category that the policy knows by its lists.

import type { Abort, Reject } from '../../../proxy/policy-action.ts';
import { verdictOf } from '../../../proxy/policy-action.ts';
import type { AskedUrl } from '../../../proxy/url-categories.ts';
import type { CategoryRule, CategorySettings } from './category-settings.ts';
import { REST } from './category-settings.ts';
import { obey, statusOf } from '../rules/decision.ts';
import type { OwnAnswer } from '../own-answer.ts';
import { policyProblem, Refused } from '../problem.ts';
import type { AskedRequest } from './url-filter.ts';
import { askedUrl } from './url-filter.ts';

/** Decides about a request by the categories of its URL: an answer of our own, or undefined; throws what refuses it. */
export function checkCategory(
  { urlCategories, urlCategory }: CategorySettings,
  request: AskedRequest,
): OwnAnswer | undefined {
  const url: AskedUrl = { text: askedUrl(request), host: request.url.host };
  for (const [name, action] of Object.entries(urlCategory)) {
    if (name === REST || urlCategories?.has(name, url) !== true) continue;
    return act(action, { name, place: urlCategories.placeOf(name, url) }, request.method);
  }
  const rest = urlCategory[REST];
  return rest && act(rest, undefined, request.method);
}

interface Category {
  readonly name: string;
  readonly place: string | undefined;
}

function act(
  action: CategoryRule,
  category: Category | undefined,
  method: string,
): OwnAnswer | undefined {
  if (action.action !== 'reject' && action.action !== 'abort')
    return obey('request', action, method);
  const message = messageOf(action, category);
  const problem = policyProblem('http.category-refused', message, verdictOf(action));
  throw new Refused({ ...problem, status: statusOf('category', action) });
}

/** With the category, and the line of the list, so that whoever maintains it finds what to change. */
function messageOf({ text }: Reject | Abort, category: Category | undefined): string {
  if (category === undefined) return text ?? 'This address is in no category that is permitted';
  const { name, place } = category;
  const where = place === undefined ? name : `${name}, ${place}`;
  return `${text ?? 'Addresses of this category are not permitted'} (${where})`;
}
