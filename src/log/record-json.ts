// A decision record as JSON. It is written part by part, and a part that is as in the record before is not made again:
// there is a record for each connection, and JSON.stringify costs more than the decision.

import type { SocketAddress } from '../address/socket-address.ts';
import { quoteText, toSafeJson } from './escape.ts';
import type { LineBytes } from './line-bytes.ts';
import type { ConnectAttempt, SessionRecord } from './session-record.ts';
import { sessionIdOf } from './session-record.ts';
import { secondText } from './time-text.ts';

/** Writes a record as JSON, without a newline: its texts bounded, and nothing unsafe in them. */
export type RecordWriter = (record: SessionRecord, line: LineBytes) => void;

/** Makes a writer of records, which remembers parts of the last one. */
export function recordWriter(): RecordWriter {
  const sessionId = sessionIdWriter();
  const service = partWriter(serviceJson, hasSameService);
  const conclusion = partWriter(conclusionJson, hasSameConclusion);
  const client = addressWriter(',"client":');
  const clientLocal = addressWriter(',"clientLocal":');
  const peer = addressWriter(',"peer":');
  const server = addressWriter(',"server":');
  const serverLocal = addressWriter(',"serverLocal":');
  const connects = connectsWriter();
  const start = startWriter();
  return (record, line) => {
    sessionId(record, line);
    service(record, line);
    client(record.client, record.clientZone, line);
    clientLocal(record.clientLocal, undefined, line);
    peer(record.peer, record.peerZone, line);
    server(record.server, record.serverZone, line);
    serverLocal(record.serverLocal, undefined, line);
    conclusion(record, line);
    connects(record, line);
    writeBesides(record, line);
    writeBytes(record, line);
    start(record, line);
    line.number(record.durationMs);
    line.add(CLOSE);
  };
}

/** Writes a part of records; it is made again only where it is not the same as in the record before. */
function partWriter(
  toJson: (record: SessionRecord) => string,
  isSame: (one: SessionRecord, other: SessionRecord) => boolean,
): RecordWriter {
  let last: SessionRecord | undefined;
  let part = NOTHING;
  return (record, line) => {
    if (last === undefined || !isSame(record, last)) {
      last = record;
      part = Buffer.from(toJson(record));
    }
    line.add(part);
  };
}

/** Writes the beginning with the id of the session, of which mostly the number alone is another one. */
function sessionIdWriter(): RecordWriter {
  let lastInstance: string | undefined;
  let lastService: string | null = null;
  let beforeNumber: Uint8Array | undefined;
  return ({ instance, service, instanceId }, line) => {
    if (instance !== lastInstance || service !== lastService) {
      lastInstance = instance;
      lastService = service;
      const text = `svc/${instance}/${service ?? ''}:`;
      beforeNumber = isShortAndPlain(text) ? Buffer.from(`${BEGIN}"${text}`) : undefined;
    }
    if (beforeNumber === undefined) {
      line.text(`${BEGIN}${quoteText(sessionIdOf(instance, service, instanceId))}`);
      return;
    }
    line.add(beforeNumber);
    line.number(instanceId);
    line.add(QUOTE);
  };
}

function serviceJson({ instance, revision, listener, ...record }: SessionRecord): string {
  const { protocol, rule, service, proxy } = record;
  return (
    `,"instance":${quoteText(instance)},"revision":${quoteText(revision)}` +
    `,"listener":${quoteText(listener)},"protocol":"${protocol}","rule":${numberJson(rule)}` +
    `,"service":${textJson(service)},"proxy":${textJson(proxy)}`
  );
}

function hasSameService(one: SessionRecord, other: SessionRecord): boolean {
  return (
    one.service === other.service &&
    one.listener === other.listener &&
    one.rule === other.rule &&
    one.protocol === other.protocol &&
    one.proxy === other.proxy &&
    one.revision === other.revision &&
    one.instance === other.instance
  );
}

/** From the handshakes to the list of connects. */
function conclusionJson(record: SessionRecord): string {
  const { clientTls, serverTls, user, groups, warnings, verdict, reason, message } = record;
  return (
    `,"clientTls":${toSafeJson(clientTls)},"serverTls":${toSafeJson(serverTls)}` +
    `,"user":${textJson(user)},"groups":${toSafeJson(groups)},"warnings":${toSafeJson(warnings)}` +
    `,"verdict":"${verdict}","reason":${quoteText(reason)},"message":${quoteText(message)},"connects":[`
  );
}

function hasSameConclusion(one: SessionRecord, other: SessionRecord): boolean {
  return (
    one.reason === other.reason &&
    one.message === other.message &&
    one.verdict === other.verdict &&
    one.clientTls === other.clientTls &&
    one.serverTls === other.serverTls &&
    one.user === other.user &&
    one.groups === other.groups &&
    one.warnings === other.warnings
  );
}

/** Writes an address behind its name; null where there is none, and no zone where zones do not count. */
type AddressWriter = (
  address: SocketAddress | null,
  zone: string | null | undefined,
  line: LineBytes,
) => void;

/** One address after the other is often the same but for its port. */
function addressWriter(name: string): AddressWriter {
  const none = Buffer.from(`${name}null`);
  let lastAddress: SocketAddress['address'] | undefined;
  let lastZone: string | null | undefined;
  let start = NOTHING;
  let end = NOTHING;
  return (recorded, zone, line) => {
    if (recorded === null) {
      line.add(none);
      return;
    }
    const { address, port } = recorded;
    if (address !== lastAddress || zone !== lastZone) {
      lastAddress = address;
      lastZone = zone;
      start = Buffer.from(`${name}{"address":"${address.toString()}","port":`);
      end = Buffer.from(zone === undefined ? '}' : `,"zone":${textJson(zone)}}`);
    }
    line.add(start);
    line.number(port);
    line.add(end);
  };
}

function connectsWriter(): RecordWriter {
  const server = addressWriter(',"server":');
  let lastOutcome: string | undefined;
  let outcomeJson = NOTHING;
  const write = (attempt: ConnectAttempt, line: LineBytes): void => {
    const { host, outcome } = attempt;
    if (host === null) line.add(NO_HOST);
    else line.text(`{"host":${quoteText(host)}`);
    server(attempt.server, attempt.zone, line);
    if (outcome !== lastOutcome) {
      lastOutcome = outcome;
      outcomeJson = Buffer.from(`,"outcome":${quoteText(outcome)},"durationMs":`);
    }
    line.add(outcomeJson);
    line.number(attempt.durationMs);
    line.add(CLOSE);
  };
  return ({ connects }, line) => {
    for (let index = 0; index < connects.length; index++) {
      const attempt = connects[index];
      if (attempt === undefined) continue;
      if (index > 0) line.add(COMMA);
      write(attempt, line);
    }
  };
}

/** Behind the connects, whose list it closes. */
function writeBesides({ stacked, related }: SessionRecord, line: LineBytes): void {
  if (stacked.length === 0 && related.length === 0) line.add(NOTHING_BESIDES);
  else line.text(`],"stacked":${toSafeJson(stacked)},"related":${toSafeJson(related)}${BYTES}`);
}

function writeBytes({ bytes }: SessionRecord, line: LineBytes): void {
  line.number(bytes.fromClient);
  line.add(TO_CLIENT);
  line.number(bytes.toClient);
  line.add(FROM_SERVER);
  line.number(bytes.fromServer);
  line.add(TO_SERVER);
  line.number(bytes.toServer);
}

/** Many sessions begin in one second: only their milliseconds are written anew. */
function startWriter(): RecordWriter {
  let lastSecond = NaN;
  let start = NOTHING;
  return ({ startedAt }, line) => {
    const second = Math.floor(startedAt / 1000);
    if (second !== lastSecond) {
      lastSecond = second;
      start = Buffer.from(`},"start":"${secondText(second)}`);
    }
    line.add(start);
    line.digits(startedAt - second * 1000, 3);
    line.add(DURATION);
  };
}

function isShortAndPlain(text: string): boolean {
  return text.length < MAX_PLAIN_ID && quoteText(text) === `"${text}"`;
}

function textJson(text: string | null): string {
  return text === null ? 'null' : quoteText(text);
}

/** JSON has no number for what is not finite. */
function numberJson(value: number | null): string {
  return Number.isFinite(value) ? String(value) : 'null';
}

// Longer ones may be too long together with their number.
const MAX_PLAIN_ID = 1024;

const BEGIN = '{"type":"decision","sessionId":';
const BYTES = ',"bytes":{"fromClient":';
const NOTHING = Buffer.alloc(0);
const QUOTE = Buffer.from('"');
const NO_HOST = Buffer.from('{"host":null');
const COMMA = Buffer.from(',');
const NOTHING_BESIDES = Buffer.from(`],"stacked":[],"related":[]${BYTES}`);
const TO_CLIENT = Buffer.from(',"toClient":');
const FROM_SERVER = Buffer.from(',"fromServer":');
const TO_SERVER = Buffer.from(',"toServer":');
const DURATION = Buffer.from('Z","durationMs":');
const CLOSE = Buffer.from('}');
