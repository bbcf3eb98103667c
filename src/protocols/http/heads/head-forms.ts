// The canonical form in which heads leave: what was received where that is canonical already, else written anew.

import type { Bytes } from '../../../proxy/engine.ts';
import { bytesOf, latin1 } from './byte-text.ts';
import type { FieldContext, FieldPolicy } from '../rules/field-policy.ts';
import { keepField } from '../rules/field-policy.ts';
import type { Framing } from '../bodies/framing.ts';
import type { Head } from './head.ts';
import type { HeadWriter } from './head-writer.ts';
import {
  CONTENT_LENGTH,
  EXPECT,
  flagsOf,
  HOP_BY_HOP,
  HOST,
  TRANSFER_ENCODING,
  VIA,
} from './header-table.ts';
import type { IncomingRequest } from '../incoming-request.ts';
import type { Parent } from '../parent-proxy.ts';
import { authorizationOf } from '../parent-proxy.ts';
import type { RequestLine } from './request-line.ts';
import type { FieldEdit } from '../stacking/field-edits.ts';
import type { StatusLine } from './status-line.ts';

const CHUNKED_FIELD = 'Transfer-Encoding: chunked\r\n';
const CLOSE_FIELD = 'Connection: close\r\n';
const KEEP_ALIVE_FIELD = 'Connection: keep-alive\r\n';
const STATUS_END = 'HTTP/1.1 200'.length;

/** What writes heads of one direction. */
export interface HeadForm extends FieldContext {
  readonly writer: HeadWriter;
  readonly policy: FieldPolicy;
  /** The fields of a switch to another protocol, in place of those of one connection. */
  readonly upgrade: string | undefined;
  /** Changes fields before the policy sees them. Default: none. */
  readonly edit?: FieldEdit | undefined;
  /** The fields that frame the body and the empty line come later, when more is known of it. Default: at once. */
  readonly isOpenEnded?: boolean | undefined;
}

/** How a request is to leave. */
export interface RequestForm extends HeadForm {
  readonly rewritesHost: boolean;
  /** The server is asked to close the connection after the response. */
  readonly closesServer: boolean;
  /** The further proxy that gets it. */
  readonly parent: Parent | undefined;
  /** The Max-Forwards field in place of the received one, as a whole line. */
  readonly maxForwards: string | undefined;
}

/** Writes the head of a request into bytes of our own, which may have to be sent twice. */
export function writeRequest(
  head: Head<RequestLine>,
  request: IncomingRequest,
  form: RequestForm,
): Bytes {
  const { writer, rewritesHost } = form;
  writer.begin(head.bytes);
  if (form.parent === undefined) writeRequestLine(head, request, writer);
  else writer.text(`${request.method} ${wholeUrl(request)} HTTP/1.1\r\n`);
  const { authority } = request.url;
  if (request.hostPlace === -1) form.policy.writeHost(authority, form, writer);
  writeRequestFields(head, request, form, rewritesHost ? authority : undefined);
  writeAppended(form, head.line.minor);
  writeCredentials(form, request.method);
  const isOpenEnded = form.isOpenEnded === true;
  if (request.framing.kind === 'chunked' && !isOpenEnded) writer.text(CHUNKED_FIELD);
  writeConnection(form, !form.closesServer);
  if (isOpenEnded) return writer.finishOwned();
  writer.keep(head.end - 2, head.end);
  return writer.finishOwned();
}

/** Who asks: the user, as far as the policy lets that go on, and this proxy where the next one is to know it. */
function writeCredentials(form: RequestForm, method: string): void {
  const { parent, credentials, writer } = form;
  if (parent === undefined && credentials === undefined) return;
  if (credentials !== undefined && !isTrace(method)) writer.text(credentials);
  // An open head is shown to the child that looks at the body: who we are to a further proxy is none of its business.
  if (form.isOpenEnded !== true) writer.text(ownCredentials(form, method));
}

/** The line that tells a further proxy who this one is; empty where the user has taken its place, or nobody is to know. */
export function ownCredentials(
  { parent, credentials }: Pick<RequestForm, 'parent' | 'credentials'>,
  method: string,
): string {
  if (parent === undefined || isTrace(method)) return '';
  const own = authorizationOf(parent, credentials);
  return own === credentials ? '' : own;
}

/** Whoever answers a trace sends all of it to the client (RFC 9110, 9.3.8). Some take the method in lower case, too. */
function isTrace(method: string): boolean {
  return method.toUpperCase() === 'TRACE';
}

/** What is said about this connection. */
function writeConnection(form: RequestForm, isPersistent: boolean): void {
  const { upgrade, maxForwards, writer } = form;
  if (maxForwards !== undefined) writer.text(maxForwards);
  if (upgrade !== undefined) writer.text(upgrade);
  else if (!isPersistent) writer.text(CLOSE_FIELD);
}

/** What the policy adds, and Via with the version in which the message came. */
function writeAppended(form: HeadForm, minor: 0 | 1): void {
  const { policy, writer } = form;
  policy.writeAppended(form, writer);
  if (policy.via !== undefined) writer.text(policy.via[minor]);
}

/**
 * Via as it goes on with a message that is written anew: what came, as far as the policy lets it pass, and ours. Whole
 * lines.
 */
export function viaFields(head: Head<RequestLine>, form: HeadForm): string {
  const { policy, writer } = form;
  writer.begin(head.bytes);
  for (let index = 0; index < head.count; index++)
    if (head.id(index) === VIA) writeField(head, index, form);
  if (policy.via !== undefined) writer.text(policy.via[head.line.minor]);
  const lines = writer.finishOwned();
  return latin1(lines, 0, lines.length);
}

function writeRequestLine(
  head: Head<RequestLine>,
  { method, target }: IncomingRequest,
  writer: HeadWriter,
): void {
  const { base, line } = head;
  if (!target.isPathVerbatim || line.minor === 0) {
    writer.text(`${method} ${target.sentPath} HTTP/1.1\r\n`);
    return;
  }
  writer.keep(base, base + line.targetStart);
  writer.keep(base + line.targetEnd - target.sentPath.length, head.lineStart(0));
}

/** As a proxy is asked (RFC 9112, 3.2.2); without a path for the whole server (3.2.4). */
function wholeUrl({ url, target }: IncomingRequest): string {
  const path = target.sentPath === '*' ? '' : target.sentPath;
  return `${url.scheme}://${url.authority}${path}`;
}

function writeRequestFields(
  head: Head<RequestLine>,
  request: IncomingRequest,
  form: HeadForm,
  host: string | undefined,
): void {
  let index = keepPassing(head, 0, form);
  for (; index < head.count; index = keepPassing(head, index + 1, form)) {
    const id = head.id(index);
    if (id === HOST) writeHost(head, index, form, host);
    else if (id !== EXPECT || request.expectsContinue) writeField(head, index, form);
  }
}

/** The policy has the last word; without one, Host is in canonical form. */
function writeHost(
  head: Head<RequestLine>,
  index: number,
  form: HeadForm,
  canonical: string | undefined,
): void {
  if (form.policy.ruleFor(head, index) !== undefined) writeField(head, index, form);
  else if (canonical === undefined || head.hasValue(index, canonical))
    keepField(head, index, form.writer);
  else form.writer.text(`Host: ${canonical}\r\n`);
}

/** How a response is to leave. */
export interface ResponseForm extends HeadForm {
  /** How its body ends on its way to the client. */
  readonly framing: Framing;
  readonly keepsClient: boolean;
  /** How many of the bytes that stand behind the head leave with it: its body. */
  readonly bytesBeside: number;
  /** The minor version of the client. */
  readonly minor: 0 | 1;
  /** A field for the time when it came, as a whole line; empty where it has one. */
  readonly date: string;
}

/** Writes the head of a response, and its body where it leaves with it. */
export function writeResponse(head: Head<StatusLine>, form: ResponseForm): Bytes {
  const { writer } = form;
  writer.begin(head.bytes);
  writeStatusLine(head, writer);
  let index = keepPassing(head, 0, form);
  for (; index < head.count; index = keepPassing(head, index + 1, form)) {
    // A 1xx or 204 has no length (RFC 9110, 8.6), but many send a zero.
    if (head.id(index) !== CONTENT_LENGTH || hasLength(head.line.status))
      writeField(head, index, form);
  }
  if (form.date !== '') writer.text(form.date);
  writeAppended(form, head.line.minor);
  if (form.isOpenEnded === true) return writer.finishOwned();
  if (form.framing.kind === 'chunked') writer.text(CHUNKED_FIELD);
  if (form.upgrade !== undefined) writer.text(form.upgrade);
  else if (!form.keepsClient) writer.text(CLOSE_FIELD);
  else if (form.minor === 0) writer.text(KEEP_ALIVE_FIELD);
  writer.keep(head.end - 2, head.end + form.bytesBeside);
  return writer.finish();
}

function hasLength(status: number): boolean {
  return status >= 200 && status !== 204;
}

/** The rest of an open head: the fields that frame its body, what becomes of the connection, and the empty line. */
export function headEnd(
  framing: Framing,
  { keepsClient, minor }: Pick<ResponseForm, 'keepsClient' | 'minor'>,
): Bytes {
  const persistence = keepsClient ? (minor === 0 ? KEEP_ALIVE_FIELD : '') : CLOSE_FIELD;
  return bytesOf(`${framingField(framing)}${persistence}\r\n`);
}

/** The field that frames a body, as a whole line; none where nothing does. */
export function framingField(framing: Framing): string {
  if (framing.kind === 'chunked') return CHUNKED_FIELD;
  return framing.kind === 'length' ? `Content-Length: ${framing.length}\r\n` : '';
}

function writeStatusLine(head: Head<StatusLine>, writer: HeadWriter): void {
  const { minor, length } = head.line;
  const hasReason = length > STATUS_END;
  if (minor === 1 && hasReason) {
    writer.keep(head.base, head.lineStart(0));
    return;
  }
  writer.text('HTTP/1.1');
  writer.keep(head.base + 'HTTP/1.1'.length, head.base + length);
  writer.text(hasReason ? '\r\n' : ' \r\n');
}

/** Keeps the fields from `from` on that pass as they stand; gives the place of the first one that may not. */
function keepPassing(head: Head<unknown>, from: number, form: HeadForm): number {
  const { policy, strip, edit, writer } = form;
  if (!head.isCanonical || strip.length > 0 || edit !== undefined) return from;
  let index = from;
  while (index < head.count && policy.passes(head.id(index))) index++;
  if (index > from) writer.keep(head.lineStart(from), head.lineStart(index));
  return index;
}

function writeField(head: Head<unknown>, index: number, form: HeadForm): void {
  const id = head.id(index);
  if (id === TRANSFER_ENCODING || (flagsOf(id) & HOP_BY_HOP) !== 0) return;
  const edited = form.edit?.(head, index);
  if (edited !== undefined) {
    form.writer.text(edited);
    return;
  }
  if (id === CONTENT_LENGTH) {
    writeLength(head, index, form.writer);
    return;
  }
  const { strip } = form;
  if (strip.length > 0 && strip.includes(head.name(index).toLowerCase())) return;
  form.policy.writeField(head, index, form, form.writer);
}

/** A length as it stands, but for zeros before it: to some readers they make it octal. */
function writeLength(head: Head<unknown>, index: number, writer: HeadWriter): void {
  const start = head.valueStart(index);
  const hasZeros = head.bytes[start] === 0x30 && head.valueEnd(index) > start + 1;
  if (!hasZeros) keepField(head, index, writer);
  else writer.text(`Content-Length: ${head.value(index).replace(/^0+(?=[0-9])/, '')}\r\n`);
}
