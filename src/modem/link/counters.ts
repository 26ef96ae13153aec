/** What a modem has done since its node was deployed. Counts only go up. */
export interface Counters {
  /** Command lines written. */
  commands: number;
  /** Bytes on the line, commands and answers included: to the module … */
  bytesOut: number;
  /** … and from it. */
  bytesIn: number;
  /** Bytes of payload that the module took … */
  payloadOut: number;
  /** … and that were read from it. */
  payloadIn: number;
  /** Commands that were not answered in time. */
  timeouts: number;
  /** How often the line was brought back in step after that. */
  resyncs: number;
  /** How often a line that had worked was opened again. */
  reconnects: number;
  /** How often the module restarted. */
  restarts: number;
  /** Messages of which nobody knows whether they were sent: `QFWD_UNKNOWN_OUTCOME`. */
  unknownOutcomes: number;
}

export function newCounters(): Counters {
  return {
    commands: 0,
    bytesOut: 0,
    bytesIn: 0,
    payloadOut: 0,
    payloadIn: 0,
    timeouts: 0,
    resyncs: 0,
    reconnects: 0,
    restarts: 0,
    unknownOutcomes: 0,
  };
}
