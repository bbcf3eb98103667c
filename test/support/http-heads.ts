// Heads for the tests of the parts of the HTTP engine.

import { Exchange } from '../../src/protocols/http/exchange.ts';
import type { Head } from '../../src/protocols/http/heads/head.ts';
import { HeadParser } from '../../src/protocols/http/heads/head-parser.ts';
import { RequestReader } from '../../src/protocols/http/incoming-request.ts';
import type { RequestLine } from '../../src/protocols/http/heads/request-line.ts';
import { readSettings } from '../../src/protocols/http/settings.ts';
import type { HttpOptions } from '../../src/protocols/http/http-options.ts';
import type { StatusLine } from '../../src/protocols/http/heads/status-line.ts';
import type { HttpPlan } from '../../src/protocols/http/http-plan.ts';
import { httpPlanOf } from '../../src/protocols/http/http-plan.ts';
import type { Wire } from './latin1.ts';
import { toBytes } from './latin1.ts';
import { testSession } from './test-session.ts';

/** Compiled settings. */
export function httpPlan(options: HttpOptions = {}): HttpPlan {
  return httpPlanOf(readSettings(options).settings);
}

/** A parsed request head; its bytes are those given, if bytes are given. */
export function parsedRequest(wire: Wire, plan = httpPlan()): Head<RequestLine> {
  const parser = new HeadParser(plan.requests.grammar);
  return complete(parser.read(typeof wire === 'string' ? toBytes(wire) : wire, 0));
}

/** The reader of a connection with no other session around it. */
export function requestReader({ settings, requests }: HttpPlan): RequestReader {
  return new RequestReader(settings, testSession(), requests.policy.names, requests.known);
}

/** A request that has been read. */
export function exchangeOf(
  wire: Wire = 'GET /a HTTP/1.1\r\nHost: web.example\r\n\r\n',
  options: HttpOptions = {},
): Exchange {
  const plan = httpPlan(options);
  const head = parsedRequest(wire, plan);
  return new Exchange(requestReader(plan).read(head), head, plan.settings);
}

/** A parsed response head. */
export function parsedResponse(text: string, plan = httpPlan()): Head<StatusLine> {
  const parser = new HeadParser(plan.responses.grammar);
  return complete(parser.read(toBytes(text), 0));
}

function complete<Line>(head: Head<Line> | undefined): Head<Line> {
  if (head === undefined) throw new SyntaxError('The head is not complete');
  return head;
}
