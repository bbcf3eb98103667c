// What functions of the policy have changed becomes the message: a head of our own in the place of the received one.

import { writeAuthority } from '../urls/authority.ts';
import { readConnection } from '../heads/connection-options.ts';
import type { Draft, RequestDraft } from './draft.ts';
import type { FieldPolicy } from './field-policy.ts';
import type { Head } from '../heads/head.ts';
import { HOST } from '../heads/header-table.ts';
import type { HttpField } from './http-field.ts';
import type { HttpHeaders } from './http-headers.ts';
import type { HttpRequest, HttpResponse } from './http-request.ts';
import type { UrlParts } from '../urls/http-url.ts';
import type { IncomingRequest } from '../incoming-request.ts';
import type { KnownFields } from '../heads/known-fields.ts';
import { makeHead } from '../heads/made-head.ts';
import type { RequestLine } from '../heads/request-line.ts';
import type { RequestTarget } from '../urls/request-target.ts';
import type { StatusLine } from '../heads/status-line.ts';

/** A request with its head. */
export interface WholeRequest {
  readonly request: IncomingRequest;
  readonly head: Head<RequestLine>;
}

/** What knows the fields of one direction. */
export interface FieldKnowledge {
  readonly policy: Pick<FieldPolicy, 'names' | 'dropsReceived'>;
  readonly known: KnownFields;
}

/** The request that one became. Its body ends as that of the received one: the fields that say so cannot be changed. */
export function changedRequest(
  received: IncomingRequest,
  changed: HttpRequest,
  draft: RequestDraft,
  { policy, known }: FieldKnowledge,
): WholeRequest {
  const { method, url, isRetargeted } = draft;
  const target = isRetargeted ? targetOf(method, url) : received.target;
  const targetText = target.form === 'authority' ? target.authority : target.sentPath;
  const targetStart = method.length + 1;
  const targetEnd = targetStart + targetText.length;
  const { minor } = received;
  const line: RequestLine = { method, minor, targetStart, targetEnd, targetBits: 0 };
  const lineText = `${method} ${targetText} HTTP/1.${minor}`;
  const fields = passing(changed.headers, draft, received.strip);
  const head = makeHead({ line, lineText, fields }, policy.names, exemption(policy, draft));
  known.note(head);
  const server = isRetargeted ? { host: url.host, port: url.port } : received.server;
  return {
    request: { ...received, method, target, url, server, strip: [], hostPlace: known.place(HOST) },
    head,
  };
}

/** Which fields obey no rule of their name: those that the policy made, where the rule is only for those that came. */
function exemption(
  policy: FieldKnowledge['policy'],
  { ownFields }: Draft,
): (field: HttpField, id: number) => boolean {
  return (field, id) => policy.dropsReceived(id) && ownFields?.has(field) === true;
}

/**
 * The fields that do not end here. Those of the policy stay, or a peer could take them away by naming them in its
 * Connection.
 */
function passing(
  headers: HttpHeaders,
  { ownFields }: Draft,
  strip: readonly string[],
): readonly HttpField[] {
  const fields = headers.entries();
  if (strip.length === 0) return fields;
  return fields.filter(
    (field) => ownFields?.has(field) === true || !strip.includes(field[0].toLowerCase()),
  );
}

function targetOf(method: string, url: UrlParts): RequestTarget {
  const authority = method === 'CONNECT' ? writeAuthority(url.host, url.port) : '';
  const form = authority === '' ? (url.path === '*' ? 'asterisk' : 'origin') : 'authority';
  return {
    form,
    authority,
    path: url.path,
    sentPath: url.path,
    isPathVerbatim: form !== 'authority',
  };
}

/** The head that one became: without the fields that end here, but for those that the policy made. */
export function changedResponse(
  received: Head<StatusLine>,
  { status, reason, headers }: HttpResponse,
  draft: Draft,
  { policy, known }: FieldKnowledge,
): Head<StatusLine> {
  const { minor } = received.line;
  const beginning = `HTTP/1.${minor} ${status} `;
  const lineText = beginning + reason;
  const line = { minor, status, reasonStart: beginning.length, length: lineText.length };
  const { strip } = readConnection(received, known, { names: policy.names, side: 'server' });
  const fields = passing(headers, draft, strip);
  const head = makeHead({ line, lineText, fields }, policy.names, exemption(policy, draft));
  known.note(head);
  return head;
}
