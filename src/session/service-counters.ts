// How many sessions each service of an instance has and had. It outlives a reload: services count by name.

/** Counts of one service. */
export interface ServiceCount {
  /** Sessions that run now. */
  readonly running: number;
  /** Sessions since the start: also the number of the next one. */
  readonly started: number;
}

/** Counts of all services of an instance. */
export class ServiceCounters {
  readonly #counts = new Map<string, { running: number; started: number }>();

  /** Takes the next session number of a service, from 0. */
  nextInstanceId(service: string): number {
    return this.#countOf(service).started++;
  }

  /** Counts a session as running, unless the service has as many as it may (0: any number). */
  start(service: string, maxInstances: number): boolean {
    const count = this.#countOf(service);
    if (maxInstances > 0 && count.running >= maxInstances) return false;
    count.running++;
    return true;
  }

  /** Counts a running session as ended. */
  stop(service: string): void {
    this.#countOf(service).running--;
  }

  /** The counts of a service. */
  of(service: string): ServiceCount {
    return { ...this.#countOf(service) };
  }

  #countOf(service: string): { running: number; started: number } {
    let count = this.#counts.get(service);
    if (count === undefined) {
      count = { running: 0, started: 0 };
      this.#counts.set(service, count);
    }
    return count;
  }
}
