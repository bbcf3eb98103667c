// A decision record as JSON text. It is written part by part, and a part that is as in the record before is not written
// again: there is a record for each connection, and JSON.stringify costs more than the decision.

import type { DecisionRecord, RecordedAddress, RecordedConnect } from './decision-record.ts';
import { quoteText, toSafeJson } from './escape.ts';

/** Writes records as one line of JSON each, without a newline: their texts bounded, and nothing unsafe in them. */
export function recordWriter(): (record: DecisionRecord) => string {
  const service = partWriter(serviceJson, hasSameService);
  const peers = partWriter(peersJson, hasSamePeers);
  const ending = partWriter(endingJson, hasSameEnding);
  const client = addressWriter();
  const clientLocal = addressWriter();
  const server = addressWriter();
  const serverLocal = addressWriter();
  const connects = connectsWriter();
  return (record) =>
    `{"type":"decision","sessionId":${quoteText(record.sessionId)}${service(record)}` +
    `,"client":${client(record.client)},"clientLocal":${clientLocal(record.clientLocal)}` +
    `,"peer":${peerJson(record)},"server":${server(record.server)}` +
    `,"serverLocal":${serverLocal(record.serverLocal)}${peers(record)}${ending(record)}` +
    `,"connects":${connects(record)}${besidesJson(record)},"bytes":${bytesJson(record)}` +
    `,"start":${quoteText(record.start)},"durationMs":${numberJson(record.durationMs)}}`;
}

/** Writes a part of records, again only where it is not the same as in the record before. */
function partWriter(
  write: (record: DecisionRecord) => string,
  isSame: (one: DecisionRecord, other: DecisionRecord) => boolean,
): (record: DecisionRecord) => string {
  let last: DecisionRecord | undefined;
  let json = '';
  return (record) => {
    if (last === undefined || !isSame(record, last)) {
      last = record;
      json = inOnePiece(write(record));
    }
    return json;
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
  const noted = warnings.length === 0 ? '[]' : toSafeJson(warnings);
  return `,"warnings":${noted},"verdict":"${verdict}","reason":${quoteText(reason)},"message":${quoteText(message)}`;
}

function hasSameEnding(one: DecisionRecord, other: DecisionRecord): boolean {
  return (
    one.warnings === other.warnings &&
    one.reason === other.reason &&
    one.message === other.message &&
    one.verdict === other.verdict
  );
}

/** Writes addresses. One after the other is often the same but for its port. */
function addressWriter(): (recorded: RecordedAddress | null) => string {
  let lastAddress: string | undefined;
  let lastZone: string | null | undefined;
  let start = '';
  let end = '';
  return (recorded) => {
    if (recorded === null) return 'null';
    const { address, port, zone } = recorded;
    if (address !== lastAddress || zone !== lastZone) {
      lastAddress = address;
      lastZone = zone;
      start = inOnePiece(`{"address":${quoteText(address)},"port":`);
      end = zone === undefined ? '}' : inOnePiece(`,"zone":${textJson(zone)}}`);
    }
    return `${start}${numberJson(port)}${end}`;
  };
}

function connectsWriter(): (record: DecisionRecord) => string {
  const server = addressWriter();
  const write = (connect: RecordedConnect): string =>
    `{"host":${textJson(connect.host)},"server":${server(connect.server)}` +
    `,"outcome":${quoteText(connect.outcome)},"durationMs":${numberJson(connect.durationMs)}}`;
  return ({ connects }) => {
    let json = '';
    for (const connect of connects) json += `${json === '' ? '' : ','}${write(connect)}`;
    return `[${json}]`;
  };
}

function peerJson({ peer }: DecisionRecord): string {
  return peer === null ? 'null' : toSafeJson(peer);
}

function besidesJson({ stacked, related }: DecisionRecord): string {
  if (stacked.length === 0 && related.length === 0) return ',"stacked":[],"related":[]';
  return `,"stacked":${toSafeJson(stacked)},"related":${toSafeJson(related)}`;
}

function bytesJson({ bytes: { fromClient, toClient, fromServer, toServer } }: DecisionRecord) {
  return (
    `{"fromClient":${numberJson(fromClient)},"toClient":${numberJson(toClient)}` +
    `,"fromServer":${numberJson(fromServer)},"toServer":${numberJson(toServer)}}`
  );
}

function textJson(text: string | null): string {
  return text === null ? 'null' : quoteText(text);
}

/** JSON has no number for what is not finite. */
function numberJson(value: number | null): string {
  return Number.isFinite(value) ? String(value) : 'null';
}

/** The same text: V8 keeps what is concatenated as a tree, and walks it each time that it becomes bytes. */
function inOnePiece(text: string): string {
  ANYTHING.test(text); // needs its characters in a row, and so they stay
  return text;
}

const ANYTHING = /./;
