// Lets the detectors of a rule look at the first bytes of a connection, and of the server where that one speaks first.

import { Buffer } from 'node:buffer';
import type { SocketAddress } from '../address/socket-address.ts';
import {
  DETECTION_TIMEOUT_MS,
  DetectionRace,
  MAX_DETECTED_BYTES,
  SERVER_FIRST_AFTER_MS,
} from '../proxy/detection-race.ts';
import type { RaceResult } from '../proxy/detection-race.ts';
import type { DetectLine } from '../policy/rule.ts';
import type { DetectorInput } from '../proxy/detector.ts';
import type { Bytes } from '../proxy/engine.ts';
import type { SeenCertificate } from '../proxy/tls-facts.ts';
import { PolicyFault } from '../proxy/violation.ts';
import type { Clock } from './outside.ts';
import { PeekStream } from './peek-stream.ts';
import type { Stream } from './stream.ts';

/** A server connection that was made to hear who greets; it goes to the service that was found. */
export interface GreetingServer {
  readonly stream: Stream;
  readonly address: SocketAddress;
}

/** What detection needs of a session. */
export interface DetectionHost {
  readonly clock: Clock;
  /**
   * Connects the server of the service that a choice names. Calls back once, never before it has returned, with
   * undefined if that may not or cannot be; the returned function gives up.
   */
  connect(choice: DetectLine, done: (server: GreetingServer | undefined) => void): () => void;
  /**
   * Finds out what certificate the server of a choice shows to a client that said this. Calls back at most once, never before it
   * has returned, with undefined if that may not or cannot be; the returned function gives up.
   */
  certificateOf(
    choice: DetectLine,
    hello: Bytes,
    done: (certificate: SeenCertificate | undefined) => void,
  ): () => void;
  /** It is over: what was found, the client to go on with, and a server that is already connected. */
  detected(
    result: Exclude<RaceResult<DetectLine>, 'undecided'>,
    client: Stream,
    server?: GreetingServer,
  ): void;
  /** The client was lost, or the detection was aborted. */
  lost(): void;
  /** A function of the policy failed that a detector asks; the client is gone. */
  failed(fault: PolicyFault): void;
}

/** One detection. It ends by itself, after a bounded time. */
export class ServiceDetection {
  readonly #host: DetectionHost;
  readonly #race: DetectionRace<DetectLine>;
  readonly #client: PeekStream;
  /** The server that was connected, for the service of that choice only. */
  #server:
    | { readonly choice: DetectLine; readonly stream: PeekStream; readonly address: SocketAddress }
    | undefined;
  #isOver = false;
  #giveUpConnect = (): void => undefined;
  /** The choice whose certificate has been asked for. */
  #awaited: DetectLine | undefined;
  #giveUpCertificate = (): void => undefined;
  readonly #cancelTimers: (() => void)[] = [];

  constructor(choices: readonly DetectLine[], client: Stream, host: DetectionHost) {
    this.#host = host;
    this.#race = new DetectionRace(choices);
    this.#client = new PeekStream(client, MAX_DETECTED_BYTES);
  }

  /** Begins to look. */
  start(): void {
    const { clock } = this.#host;
    this.#cancelTimers.push(clock.after(DETECTION_TIMEOUT_MS, () => this.#decide('finish')));
    this.#cancelTimers.push(clock.after(SERVER_FIRST_AFTER_MS, () => this.#askServer()));
    this.#client.watch({
      peeked: (bytes, input) => this.#show('client', bytes, input),
      lost: () => this.#abandon(),
    });
  }

  /** Ends it now, with its streams. */
  abort(): void {
    this.#client.destroy('reset');
    this.#abandon();
  }

  /** A silent client waits for a greeting: the first choice whose server speaks first is connected. */
  #askServer(): void {
    const choice = this.#race.serverFirst;
    if (this.#isOver || choice === undefined) return;
    this.#giveUpConnect = this.#host.connect(choice, (server) => {
      if (this.#isOver) server?.stream.destroy();
      else if (server !== undefined) this.#hear(choice, server);
    });
  }

  #hear(choice: DetectLine, { stream, address }: GreetingServer): void {
    const peek = new PeekStream(stream, MAX_DETECTED_BYTES);
    this.#server = { choice, stream: peek, address };
    peek.watch({
      peeked: (bytes, input) => this.#show('server', bytes, input),
      lost: () => {
        this.#server = undefined;
      },
    });
  }

  #show(side: 'client' | 'server', bytes: Bytes, input: DetectorInput): void {
    this.#takeOf(() => this.#race.show(side, bytes, input));
  }

  /**
   * What a function of the policy fails on ends the session: the service of those that none recognises could be the
   * wrong one.
   */
  #takeOf(ask: () => RaceResult<DetectLine>): void {
    let result: RaceResult<DetectLine>;
    try {
      result = ask();
    } catch (error) {
      if (!(error instanceof PolicyFault)) throw error;
      this.#fail(error);
      return;
    }
    this.#take(result);
  }

  #fail(fault: PolicyFault): void {
    if (this.#isOver) return;
    this.#stop();
    this.#client.destroy('reset');
    this.#server?.stream.destroy();
    this.#host.failed(fault);
  }

  #take(result: RaceResult<DetectLine>): void {
    if (result !== 'undecided') this.#decide(result);
    else this.#askCertificate();
  }

  /** One after the other: what is decided without a certificate, or by one before it, asks for none. */
  #askCertificate(): void {
    const choice = this.#race.awaitsCertificate;
    if (this.#isOver || choice === undefined || choice === this.#awaited) return;
    this.#awaited = choice;
    const hello = Buffer.concat(this.#client.unheard);
    this.#giveUpCertificate = this.#host.certificateOf(choice, hello, (certificate) => {
      if (!this.#isOver) this.#takeOf(() => this.#race.showCertificate(choice, certificate));
    });
  }

  #decide(given: Exclude<RaceResult<DetectLine>, 'undecided'> | 'finish'): void {
    if (this.#isOver) return;
    const result = given === 'finish' ? this.#race.finish() : given;
    this.#stop();
    this.#client.stopWatching();
    const server = this.#server;
    if (server === undefined || server.choice === result) server?.stream.stopWatching();
    else server.stream.destroy();
    const greeting = server?.choice === result ? server : undefined;
    this.#host.detected(result === 'undecided' ? 'none' : result, this.#client, greeting);
  }

  #abandon(): void {
    if (this.#isOver) return;
    this.#stop();
    this.#server?.stream.destroy();
    this.#host.lost();
  }

  #stop(): void {
    this.#isOver = true;
    this.#giveUpConnect();
    this.#giveUpCertificate();
    for (const cancel of this.#cancelTimers) cancel();
  }
}
