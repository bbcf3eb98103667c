// tcpdump on one machine of a lab: which packets came by, in its words.
import type { Lab } from './system-lab.ts';
import type { Owner, SystemProcess } from './system-process.ts';
import { until } from './system-wait.ts';

/** What a capture looks for. */
export interface CaptureOptions {
  readonly interface?: string;
  /** In the words of pcap-filter(7). */
  readonly filter: string;
}

/** A capture that runs. */
export class PacketCapture {
  readonly #process: SystemProcess;

  constructor(process: SystemProcess) {
    this.#process = process;
  }

  /** Starts it and waits until it sees every packet. */
  static async start(lab: Lab, options: CaptureOptions, owner?: Owner): Promise<PacketCapture> {
    const { interface: name = 'eth0', filter } = options;
    const flags = ['-n', '-l', '--immediate-mode', '-tt', '-i', name];
    // Without -Z it becomes another user, who may not be there.
    const started = lab.start(['tcpdump', '-Z', 'root', ...flags, filter], owner);
    await started.says(/listening on/);
    return new PacketCapture(started);
  }

  /** The packets so far, one a line. */
  get lines(): readonly string[] {
    return this.#process.stdout.split('\n').filter((line) => line !== '');
  }

  /** Waits for a packet. */
  async sees(pattern: RegExp): Promise<string> {
    return until(`a packet like ${pattern}`, () => this.lines.find((line) => pattern.test(line)), {
      seen: () => this.lines.join('\n'),
    });
  }
}
