// A decision record as JSON. It is written part by part, and a part that is as in the record before is not made again:
// there is a record for each connection, and JSON.stringify costs more than the decision.

import type { DecisionRecord, RecordedAddress, RecordedConnect } from './decision-record.ts';
import { quoteText, toSafeJson } from './escape.ts';
import type { LineBytes } from './line-bytes.ts';

/** Writes a record as JSON, without a newline: its texts bounded, and nothing unsafe in them. */
export type RecordWriter = (record: DecisionRecord, line: LineBytes) => void;

/** Makes a writer of records, which remembers parts of the last one. */
export function recordWriter(): RecordWriter {
  const service = partWriter(serviceJson, hasSameService);
  const peers = partWriter(peersJson, hasSamePeers);
  const ending = partWriter(endingJson, hasSameEnding);
  const client = addressWriter(',"client":');
  const clientLocal = addressWriter(',"clientLocal":');
  const server = addressWriter(',"server":');
  const serverLocal = addressWriter(',"serverLocal":');
  const connects = connectsWriter();
  return (record, line) => {
    line.add(BEGIN);
    line.quoted(record.sessionId);
    service(record, line);
    client(record.client, line);
    clientLocal(record.clientLocal, line);
    writePeer(record, line);
    server(record.server, line);
    serverLocal(record.serverLocal, line);
    peers(record, line);
    ending(record, line);
    connects(record, line);
    writeBesides(record, line);
    writeBytes(record, line);
    line.add(START);
    line.quoted(record.start);
    line.add(DURATION);
    line.number(record.durationMs);
    line.add(CLOSE);
  };
}

/** Writes a part of records; it is made again only where it is not the same as in the record before. */
function partWriter(
  toJson: (record: DecisionRecord) => string,
  isSame: (one: DecisionRecord, other: DecisionRecord) => boolean,
): RecordWriter {
  let last: DecisionRecord | undefined;
  let part = NOTHING;
  return (record, line) => {
    if (last === undefined || !isSame(record, last)) {
      last = record;
      part = Buffer.from(toJson(record));
    }
    line.add(part);
  };
}

function serviceJson({ instance, revision, listener, ...record }: DecisionRecord): string {
  const { protocol, rule, service, proxy } = record;
  return (
    `,"instance":${quoteText(instance)},"revision":${quoteText(revision)}` +
    `,"listener":${quoteText(listener)},"protocol":"${protocol}","rule":${numberJson(rule)}` +
    `,"service":${textJson(service)},"proxy":${textJson(proxy)}`
  );
}

function hasSameService(one: DecisionRecord, other: DecisionRecord): boolean {
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

function peersJson({ clientTls, serverTls, user, groups }: DecisionRecord): string {
  return (
    `,"clientTls":${toSafeJson(clientTls)},"serverTls":${toSafeJson(serverTls)}` +
    `,"user":${textJson(user)},"groups":${toSafeJson(groups)}`
  );
}

function hasSamePeers(one: DecisionRecord, other: DecisionRecord): boolean {
  return (
    one.clientTls === other.clientTls &&
    one.serverTls === other.serverTls &&
    one.user === other.user &&
    one.groups === other.groups
  );
}

function endingJson({ warnings, verdict, reason, message }: DecisionRecord): string {
  return `,"warnings":${toSafeJson(warnings)},"verdict":"${verdict}","reason":${quoteText(reason)},"message":${quoteText(message)}`;
}

function hasSameEnding(one: DecisionRecord, other: DecisionRecord): boolean {
  return (
    one.warnings === other.warnings &&
    one.reason === other.reason &&
    one.message === other.message &&
    one.verdict === other.verdict
  );
}

/** Writes addresses behind their name. One after the other is often the same but for its port. */
function addressWriter(name: string): (recorded: RecordedAddress | null, line: LineBytes) => void {
  let lastAddress: string | undefined;
  let lastZone: string | null | undefined;
  let start = NOTHING;
  let end = NOTHING;
  return (recorded, line) => {
    if (recorded === null) {
      line.text(`${name}null`);
      return;
    }
    const { address, port, zone } = recorded;
    if (address !== lastAddress || zone !== lastZone) {
      lastAddress = address;
      lastZone = zone;
      start = Buffer.from(`${name}{"address":${quoteText(address)},"port":`);
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
  const write = (
    { host, server: address, outcome, durationMs }: RecordedConnect,
    line: LineBytes,
  ) => {
    if (host === null) line.add(NO_HOST);
    else line.text(`{"host":${quoteText(host)}`);
    server(address, line);
    if (outcome !== lastOutcome) {
      lastOutcome = outcome;
      outcomeJson = Buffer.from(`,"outcome":${quoteText(outcome)},"durationMs":`);
    }
    line.add(outcomeJson);
    line.number(durationMs);
    line.add(CLOSE);
  };
  return ({ connects }, line) => {
    line.add(CONNECTS);
    let isFirst = true;
    for (const connect of connects) {
      if (!isFirst) line.add(COMMA);
      isFirst = false;
      write(connect, line);
    }
  };
}

function writePeer({ peer }: DecisionRecord, line: LineBytes): void {
  if (peer === null) line.add(NO_PEER);
  else line.text(`,"peer":${toSafeJson(peer)}`);
}

/** Behind the connects, whose list it closes. */
function writeBesides({ stacked, related }: DecisionRecord, line: LineBytes): void {
  if (stacked.length === 0 && related.length === 0) line.add(NOTHING_BESIDES);
  else line.text(`],"stacked":${toSafeJson(stacked)},"related":${toSafeJson(related)}`);
}

function writeBytes({ bytes }: DecisionRecord, line: LineBytes): void {
  line.add(FROM_CLIENT);
  line.number(bytes.fromClient);
  line.add(TO_CLIENT);
  line.number(bytes.toClient);
  line.add(FROM_SERVER);
  line.number(bytes.fromServer);
  line.add(TO_SERVER);
  line.number(bytes.toServer);
}

function textJson(text: string | null): string {
  return text === null ? 'null' : quoteText(text);
}

/** JSON has no number for what is not finite. */
function numberJson(value: number | null): string {
  return Number.isFinite(value) ? String(value) : 'null';
}

const NOTHING = Buffer.alloc(0);
const BEGIN = Buffer.from('{"type":"decision","sessionId":');
const NO_PEER = Buffer.from(',"peer":null');
const CONNECTS = Buffer.from(',"connects":[');
const NO_HOST = Buffer.from('{"host":null');
const COMMA = Buffer.from(',');
const NOTHING_BESIDES = Buffer.from('],"stacked":[],"related":[]');
const FROM_CLIENT = Buffer.from(',"bytes":{"fromClient":');
const TO_CLIENT = Buffer.from(',"toClient":');
const FROM_SERVER = Buffer.from(',"fromServer":');
const TO_SERVER = Buffer.from(',"toServer":');
const START = Buffer.from('},"start":');
const DURATION = Buffer.from(',"durationMs":');
const CLOSE = Buffer.from('}');
