// What comes to the process of a command from outside.

/** What comes to a process from outside while it runs. */
export interface ProcessEvents {
  onSignal(signal: 'SIGHUP' | 'SIGINT' | 'SIGTERM', call: () => void): void;
  /** An exception that nothing caught, or a rejected promise that nobody waits for. */
  onUncaught(call: (error: unknown) => void): void;
}
