// The frames of one side on their way to the other: checked, and written anew. Control frames and messages that a function
// is asked about are kept until they are complete; other payload passes as it comes.

import { Buffer, isUtf8 } from 'node:buffer';
import type { Bytes, ProxyAction } from '../../proxy/engine.ts';
import { Violation } from '../../proxy/violation.ts';
import { checkClose } from './close-payload.ts';
import type { FrameHead } from './frame.ts';
import {
  BINARY,
  CLOSE,
  CONTINUATION,
  frameBytes,
  headBytes,
  isControl,
  mask,
  MAX_CONTROL_LENGTH,
  OPCODE_NAMES,
  TEXT,
} from './frame.ts';
import { FrameReader } from './frame-reader.ts';
import { MessageBuffer } from './message-buffer.ts';
import type { WebSocketSettings } from './settings.ts';
import { Utf8Check } from './utf8-check.ts';

type Side = 'client' | 'server';

/** A message whose end has not come. */
interface OpenMessage {
  readonly opcode: number;
  /** The key of its first frame. */
  readonly key: number | undefined;
  /** Where it is kept, if it is. */
  readonly kept: MessageBuffer | undefined;
  readonly text: Utf8Check;
  length: number;
}

/** A message that is complete and waits for a decision. */
export interface WholeMessage {
  readonly opcode: number;
  readonly key: number | undefined;
  readonly content: Bytes;
}

// Payload that is at least this long is passed on without being looked at, if nothing has to be looked at.
const MIN_RELAYED = 4_096;

/** One direction of a WebSocket. */
export class FrameFlow {
  readonly from: Side;
  readonly to: Side;
  /** The message to decide about; until `whole` is taken nothing more is read. */
  whole: WholeMessage | undefined;
  /** A Close frame of this side has passed, or one that ends this direction was sent. */
  hasClosed = false;
  /** The key of the last frame of the client. */
  key: number | undefined;
  readonly #settings: WebSocketSettings;
  readonly #reader: FrameReader;
  #frame: FrameHead | undefined;
  /** Bytes of the payload of the frame that have come. */
  #taken = 0;
  #control: Buffer | undefined;
  #message: OpenMessage | undefined;

  constructor(from: Side, settings: WebSocketSettings) {
    this.from = from;
    this.to = from === 'client' ? 'server' : 'client';
    this.#settings = settings;
    this.#reader = new FrameReader(from);
  }

  /** Whether a frame has been written in part, so that no other can be written now. */
  get isWithinFrame(): boolean {
    return this.#frame !== undefined && this.#control === undefined && !this.#keeps;
  }

  /** Whether an end now would cut a frame or a message. Whoever has said Close need not go on with one (RFC 6455, 5.5.1). */
  get isIncomplete(): boolean {
    if (this.hasClosed) return false; // nothing was read behind it
    return this.#reader.isInside || this.#frame !== undefined || this.#message !== undefined;
  }

  /** Takes bytes from `from` on; gives where those begin that it could not take now. */
  take(bytes: Bytes, from: number, out: ProxyAction[]): number {
    let at = from;
    while (at < bytes.length && this.whole === undefined)
      at = this.#frame === undefined ? this.#readHead(bytes, at, out) : this.#read(bytes, at, out);
    return at;
  }

  /** Payload that a relay has moved. */
  relayed(count: number, out: ProxyAction[]): void {
    this.#taken += count;
    this.#endIfComplete(out);
  }

  /** Sends a message that was kept, in one frame. */
  forward({ opcode, content, key }: WholeMessage, out: ProxyAction[]): void {
    out.push({ type: 'send', to: this.to, bytes: frameBytes(opcode, content, key) });
  }

  get #keeps(): boolean {
    return this.#settings.message !== undefined;
  }

  #readHead(bytes: Bytes, at: number, out: ProxyAction[]): number {
    if (this.hasClosed) throw this.#bad('frame-after-close', 'There are bytes after a Close frame');
    const head = this.#reader.read(bytes, at);
    if (head === undefined) return bytes.length;
    if (isControl(head.opcode)) this.#beginControl(head);
    else this.#beginData(head, out);
    if (head.key !== undefined) this.key = head.key;
    this.#frame = head;
    this.#taken = 0;
    this.#endIfComplete(out);
    return this.#reader.next;
  }

  #beginControl({ opcode, isFinal, length }: FrameHead): void {
    this.#checkOpcode(opcode);
    if (!isFinal || length > MAX_CONTROL_LENGTH)
      throw this.#bad('bad-control-frame', 'A control frame is too long, or in fragments');
    this.#checkLengths(length, 0);
    this.#control = Buffer.alloc(length);
  }

  #beginData(head: FrameHead, out: ProxyAction[]): void {
    this.#checkOpcode(head.opcode);
    const message = this.#messageOf(head);
    message.length += head.length;
    this.#checkLengths(head.length, message.length);
    this.#message = message;
    if (this.#keeps) return;
    if (head.isFinal && head.length === 0) this.#checkTextEnd(message);
    out.push({ type: 'send', to: this.to, bytes: headBytes(head) });
  }

  /** The message that a frame is part of: only a continuation goes on with one. */
  #messageOf({ opcode, key }: FrameHead): OpenMessage {
    const message = this.#message;
    if (opcode === CONTINUATION && message === undefined)
      throw this.#bad('unexpected-continuation', 'There is no message that goes on');
    if (opcode !== CONTINUATION && message !== undefined)
      throw this.#bad('expected-continuation', 'A message begins within another one');
    const kept = this.#keeps ? new MessageBuffer() : undefined;
    return message ?? { opcode, key, kept, text: new Utf8Check(), length: 0 };
  }

  #checkLengths(frame: number, message: number): void {
    const { maxFrameLength, maxMessageLength } = this.#settings;
    if (maxFrameLength > 0 && frame > maxFrameLength)
      throw this.#bad('frame-too-long', 'A frame is longer than allowed');
    if (maxMessageLength > 0 && message > maxMessageLength)
      throw this.#bad('message-too-long', 'A message is longer than allowed');
  }

  /** Reserved opcodes belong to extensions; others are the policy's affair. */
  #checkOpcode(opcode: number): void {
    const name = OPCODE_NAMES[opcode];
    if (name === undefined) throw this.#bad('reserved-opcode', 'A frame has an unknown opcode');
    if (opcode === CONTINUATION || opcode === CLOSE) return;
    if (!this.#settings.frames.some((frame) => frame === name))
      throw this.#bad('frame-refused', `The policy does not permit ${name} frames`);
  }

  #read(bytes: Bytes, at: number, out: ProxyAction[]): number {
    const frame = this.#frame;
    if (frame === undefined) return at;
    const piece = bytes.subarray(at, Math.min(bytes.length, at + frame.length - this.#taken));
    if (this.#control !== undefined) this.#control.set(piece, this.#taken);
    else if (this.#message?.kept !== undefined)
      this.#message.kept.add(piece, frame.key, this.#taken);
    else this.#pass(frame, piece, out);
    this.#taken += piece.length;
    if (!this.#endIfComplete(out)) this.#relayRest(frame, out);
    return at + piece.length;
  }

  /** The mask of the client stays, so that the bytes stay what they are. Nothing behind a bad byte of a text passes. */
  #pass(frame: FrameHead, piece: Bytes, out: ProxyAction[]): void {
    const good = this.#goodBytes(frame, piece);
    if (good > 0) out.push({ type: 'send', to: this.to, bytes: piece.subarray(0, good) });
    if (good < piece.length) throw this.#badText();
  }

  #goodBytes({ key, isFinal, length }: FrameHead, piece: Bytes): number {
    const message = this.#message;
    if (message?.opcode !== TEXT) return piece.length;
    const good = message.text.take(piece, key ?? 0, this.#taken);
    const isLast = isFinal && this.#taken + piece.length === length;
    return good === piece.length && isLast && !message.text.isWhole ? good - 1 : good;
  }

  #relayRest(frame: FrameHead, out: ProxyAction[]): void {
    const length = frame.length - this.#taken;
    if (this.#message?.opcode !== BINARY || !this.isWithinFrame || length < MIN_RELAYED) return;
    out.push({ type: 'relay', from: this.from, to: this.to, length });
  }

  #endIfComplete(out: ProxyAction[]): boolean {
    const frame = this.#frame;
    if (frame === undefined || this.#taken < frame.length) return false;
    this.#frame = undefined;
    if (this.#control !== undefined) this.#endControl(frame, this.#control, out);
    else if (frame.isFinal) this.#endMessage();
    return true;
  }

  #endControl({ opcode, key }: FrameHead, payload: Buffer, out: ProxyAction[]): void {
    this.#control = undefined;
    if (key !== undefined) mask(payload, key, 0);
    if (opcode === CLOSE) {
      checkClose(payload, this.from);
      this.hasClosed = true;
    }
    out.push({ type: 'send', to: this.to, bytes: frameBytes(opcode, payload, key) });
  }

  #endMessage(): void {
    const message = this.#message;
    this.#message = undefined;
    if (message?.kept === undefined) return;
    const { opcode, key, kept } = message;
    if (opcode === TEXT && !isUtf8(kept.content)) throw this.#badText();
    this.whole = { opcode, key, content: kept.content };
  }

  #checkTextEnd({ opcode, text }: OpenMessage): void {
    if (opcode === TEXT && !text.isWhole) throw this.#badText();
  }

  #badText(): Violation {
    return this.#bad('bad-utf8', 'A text is not UTF-8');
  }

  #bad(rule: string, message: string): Violation {
    return new Violation(`websocket.${rule}`, this.from, message);
  }
}
