// What a policy answers by itself, without a server: `answer()` and `redirect()`.

import { Buffer } from 'node:buffer';
import { z } from 'zod';
import type { Bytes } from '../../../proxy/engine.ts';
import { registerOptions } from '../../../proxy/option-owners.ts';
import type { Fault } from '../../../proxy/policy-fault.ts';
import { checkSettings, declare, faultsOf, isDeclared } from '../../../proxy/policy-fault.ts';
import { isHostName, MAX_FIELD_LENGTH, nameCure, valueCure } from './field-check.ts';
import type { OwnAnswer } from '../own-answer.ts';
import { answerStatusCure } from '../problem.ts';

/** Options of `answer`. */
export interface AnswerOptions {
  /** 200 to 599; 401 needs the field WWW-Authenticate, 405 Allow, and 407 and 426 are the proxy's own. Default: 200. */
  readonly status?: number;
  /** Fields by name; several of one name as a list. Length and connection are the proxy's affair. Default: none. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** A text is sent as UTF-8. Not with 204, 205 and 304. Default: empty. */
  readonly body?: string | Uint8Array;
  /** The Content-Type. Default: `text/plain; charset=utf-8` for a text, `application/octet-stream` for bytes. */
  readonly contentType?: string;
}

/** An answer of the policy, made by `answer()` or `redirect()`. */
export interface Answer extends OwnAnswer {
  readonly kind: 'answer';
}

const STATUS_CURE = 'give a status of 200 to 599: what is below ends no request';
const VALUE_CURE = 'give a text, or a list of texts';
const CONTENT_TYPE = 'content-type';
/** RFC 9110, 15.3.5, 15.3.6 and 15.4.5. */
const BODILESS = [204, 205, 304];

const fieldValue = z.string({ error: VALUE_CURE });

const schema = z
  .strictObject({
    status: z
      .int({ error: STATUS_CURE })
      .min(200, { error: STATUS_CURE })
      .max(599, { error: STATUS_CURE })
      .default(200),
    headers: z
      .record(z.string(), z.union([fieldValue, z.array(fieldValue)], { error: VALUE_CURE }), {
        error: 'give an object, such as { "Retry-After": "60" }',
      })
      .check(({ value, issues }) => {
        for (const [name, values] of Object.entries(value))
          for (const one of [values].flat()) {
            const cure = fieldCure(name, one);
            if (cure !== undefined)
              issues.push({ code: 'custom', path: [name], input: one, message: cure });
          }
      })
      .default({}),
    body: z
      .union([z.string(), z.instanceof(Uint8Array)], { error: 'give a text or bytes' })
      .default(''),
    contentType: z
      .string()
      .refine((type) => valueCure(CONTENT_TYPE, type) === undefined && type.includes('/'), {
        error: "give a media type, such as 'text/html; charset=utf-8'",
      })
      .optional(),
  })
  .refine(({ status, body }) => body.length === 0 || !BODILESS.includes(status), {
    path: ['body'],
    error: 'remove it: an answer of this status has none',
  })
  .check(({ value, issues }) => {
    const { status, headers } = value;
    const message = answerStatusCure(status, Object.keys(headers));
    if (message !== undefined)
      issues.push({ code: 'custom', path: ['status'], input: status, message });
  });
registerOptions('answer', schema);

/**
 * Answers a request itself; the server is not asked, or what it said is discarded. In the tables of `httpProxy`, and from
 * its functions. The connection stays if the client wants that and its request was read.
 * @example request: { GET: (request) => request.url.path === '/robots.txt' ? answer({ body: 'User-agent: *\nDisallow: /\n' }) : accept() }
 */
export function answer(options: AnswerOptions): Answer {
  const { settings, faults } = checkSettings(schema, options, {});
  const { status, headers, body, contentType } = settings;
  const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : Buffer.from(body);
  const type = contentType ?? typeOf(body);
  const typeLine = type === undefined ? '' : `Content-Type: ${type}\r\n`;
  return make({ status, fields: typeLine + linesOf(headers), body: bytes }, answer, faults);
}

const REDIRECT_STATUSES = [301, 302, 303, 307, 308];
const REDIRECT_CURE = `give one of ${REDIRECT_STATUSES.join(', ')}`;

const redirectSchema = z.strictObject({
  location: z.string({ error: 'give a URL as a text' }).refine(isLocation, {
    error:
      "give a whole URL ('https://example.org/a') or a path ('/a'), percent-encoded; '//' at its beginning leads to another host",
  }),
  status: z
    .int({ error: REDIRECT_CURE })
    .refine((status) => REDIRECT_STATUSES.includes(status), {
      error: REDIRECT_CURE,
    })
    .default(302),
});

/**
 * Sends the client to another URL. 301 and 308 are remembered, 307 and 308 keep the method, 303 is a GET.
 * @example request: { GET: ({ url }) => redirect(url.text.replace('http:', 'https:'), 308) }
 */
export function redirect(location: string, status = 302): Answer {
  const { settings, faults } = checkSettings(
    redirectSchema,
    { location, status },
    { location: '/' },
  );
  const fields = `Location: ${settings.location}\r\n`;
  return make({ status: settings.status, fields, body: Buffer.alloc(0) }, redirect, faults);
}

interface Parts {
  readonly status: number;
  readonly fields: string;
  readonly body: Bytes;
}

function make(
  { status, fields, body }: Parts,
  factory: (...parameters: never[]) => unknown,
  faults: readonly Fault[],
): Answer {
  const made: Answer = { kind: 'answer', action: 'answer', status, fields, body };
  return declare(made, factory, faults);
}

/** Whether `answer()` or `redirect()` made this very object. */
export function isAnswer(value: unknown): value is Answer {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    value.kind === 'answer' &&
    isDeclared(value)
  );
}

/** What to write instead of a faulty answer; undefined if it is right. */
export function answerCure(answer: Answer): string | undefined {
  const [fault] = faultsOf(answer);
  return fault && `correct the answer: ${fault.path === '' ? '' : `${fault.path}: `}${fault.cure}`;
}

function fieldCure(name: string, value: string): string | undefined {
  if (name.toLowerCase() === CONTENT_TYPE) return 'write it as contentType';
  if (isHostName(name)) return 'remove it: it belongs to requests';
  const cure = nameCure(name) ?? valueCure(name, value);
  return cure && `give ${cure}`;
}

function linesOf(headers: Readonly<Record<string, string | readonly string[]>>): string {
  return Object.entries(headers)
    .flatMap(([name, values]) => [values].flat().map((value) => `${name}: ${value}\r\n`))
    .join('');
}

function typeOf(body: string | Uint8Array): string | undefined {
  if (body.length === 0) return undefined;
  return typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/octet-stream';
}

/**
 * A path that begins with two slashes is the name of another host to a browser, and so is a slash and a backslash: what
 * is made of the path of a request would lead wherever the client, or a link that it followed, wants (open redirect).
 */
function isLocation(text: string): boolean {
  if (text.length > MAX_FIELD_LENGTH) return false;
  // Of an IPv6 address without brackets, say, no browser makes a URL.
  if (!text.startsWith('/') && !URL.canParse(text)) return false;
  return /^(?:https?:\/\/(?=[^/?#])|\/(?![/\\]))[\x21-\x5b\x5d-\x7e]*$/i.test(text);
}
