// The control channel of an external program, as bytes: a line with a session id and a command, headers, an empty line.
// It is that of the original; docs/guide/policy-stacking.md has the grammar and an example.

import { Buffer } from 'node:buffer';
import type { Bytes } from './port.ts';

/** The most headers of a message (as in the original). */
export const MAX_CONTROL_HEADERS = 256;

/** The most bytes of a line and of a value, without the line end (as in the original). */
export const MAX_CONTROL_LINE_BYTES = 16_384;

/** The most bytes of a message: a verdict and its description are some hundreds, and this is held for each program. */
export const MAX_CONTROL_MESSAGE_BYTES = 65_536;

/** A header of a message. */
export interface ControlHeader {
  readonly name: string;
  readonly value: string;
}

/** One message of a program, or the answer to one. */
export interface ControlMessage {
  /** 0 is the session of the program; there is no other. */
  readonly sessionId: number;
  readonly command: string;
  readonly headers: readonly ControlHeader[];
}

/** Writes a message; each value with its length, so that it may have any bytes. */
export function writeControlMessage({ sessionId, command, headers }: ControlMessage): Bytes {
  const lines = headers.map(
    ({ name, value }) => `[${Buffer.byteLength(value)}]${name}\n${value}\n`,
  );
  return Buffer.from(`${sessionId} ${command}\n${lines.join('')}\n`);
}

const COMMAND_LINE = /^(0|[1-9][0-9]{0,8}) ([A-Z][A-Z0-9_-]{0,63})$/;
const HEADER_LINE = /^\[(|0|[1-9][0-9]{0,4})\]([A-Za-z][A-Za-z0-9_-]{0,63})$/;
const LF = 10;
const NUL = 0;

/** What comes next: a line of a kind, or the bytes of a value. */
type Expected = 'command' | 'header' | 'text' | 'end-of-value' | 'value';

/** Reads the messages of a program. Garbage makes it stop for ever, with `fault` saying why; it never throws. */
export class ControlReader {
  /** Why it stopped, as a sentence. */
  fault: string | undefined;
  #expected: Expected = 'command';
  #chunks: Bytes[] = [];
  #length = 0;
  #messageBytes = 0;
  #valueBytes = 0;
  #name = '';
  #message: { sessionId: number; command: string; headers: ControlHeader[] } = newMessage();

  /** Takes bytes; the messages that are complete with them. */
  read(bytes: Bytes): readonly ControlMessage[] {
    const messages: ControlMessage[] = [];
    for (let at = 0; at < bytes.length && this.fault === undefined;)
      at =
        this.#expected === 'value'
          ? this.#readValue(bytes, at)
          : this.#readLine(bytes, at, messages);
    return messages;
  }

  #readValue(bytes: Bytes, at: number): number {
    const stop = Math.min(bytes.length, at + this.#valueBytes - this.#length);
    this.#keep(bytes.subarray(at, stop));
    if (this.#length === this.#valueBytes) this.#endValue();
    return stop;
  }

  #endValue(): void {
    this.#message.headers.push({ name: this.#name, value: this.#take() });
    this.#expected = 'end-of-value';
  }

  #readLine(bytes: Bytes, at: number, messages: ControlMessage[]): number {
    const found = bytes.indexOf(LF, at);
    const stop = found === -1 ? bytes.length : found;
    const room = MAX_CONTROL_LINE_BYTES - this.#length;
    if (bytes.subarray(at, Math.min(stop, at + room)).includes(NUL)) {
      this.fault = 'There is a NUL byte in a line'; // said at once: of binary data no line end may ever come
      return stop;
    }
    if (this.#length + stop - at > MAX_CONTROL_LINE_BYTES) {
      this.fault = `A line has more than ${MAX_CONTROL_LINE_BYTES} bytes`;
      return stop;
    }
    this.#keep(bytes.subarray(at, stop));
    if (found === -1) return stop;
    this.#endLine(messages);
    return stop + 1;
  }

  #endLine(messages: ControlMessage[]): void {
    const line = this.#take();
    switch (this.#expected) {
      case 'command':
        return this.#command(line);
      case 'text':
        this.#message.headers.push({ name: this.#name, value: line });
        this.#expected = 'header';
        return;
      case 'end-of-value':
        if (line !== '') this.fault = `The value of ${this.#name} is longer than its length says`;
        this.#expected = 'header';
        return;
      default:
        if (line !== '') return this.#header(line);
        messages.push(this.#message);
        this.#message = newMessage();
        this.#messageBytes = 0;
        this.#expected = 'command';
    }
  }

  #command(line: string): void {
    const [, id, command] = COMMAND_LINE.exec(line) ?? [];
    if (id === undefined || command === undefined) {
      this.fault = 'A message does not begin with a session id and a command';
      return;
    }
    this.#message = { sessionId: Number(id), command, headers: [] };
    this.#expected = 'header';
  }

  #header(line: string): void {
    const [, length, name] = HEADER_LINE.exec(line) ?? [];
    if (length === undefined || name === undefined)
      this.fault = 'A header does not begin with a length in brackets and a name';
    else if (this.#message.headers.length === MAX_CONTROL_HEADERS)
      this.fault = `A message has more than ${MAX_CONTROL_HEADERS} headers`;
    else if (Number(length) > MAX_CONTROL_LINE_BYTES)
      this.fault = `A value has more than ${MAX_CONTROL_LINE_BYTES} bytes`;
    else this.#beginValue(length, name);
  }

  #beginValue(length: string, name: string): void {
    this.#name = name;
    this.#valueBytes = Number(length);
    this.#expected = length === '' ? 'text' : 'value';
    if (length === '0') this.#endValue(); // no byte of it will come
  }

  /** Copies bytes of the line or value that is being read. */
  #keep(bytes: Bytes): void {
    this.#length += bytes.length;
    this.#messageBytes += bytes.length;
    if (this.#messageBytes > MAX_CONTROL_MESSAGE_BYTES)
      this.fault = `A message has more than ${MAX_CONTROL_MESSAGE_BYTES} bytes`;
    else this.#chunks.push(Uint8Array.from(bytes));
  }

  #take(): string {
    const text = Buffer.concat(this.#chunks).toString('utf8');
    this.#chunks = [];
    this.#length = 0;
    return text;
  }
}

function newMessage(): { sessionId: number; command: string; headers: ControlHeader[] } {
  return { sessionId: 0, command: '', headers: [] };
}
