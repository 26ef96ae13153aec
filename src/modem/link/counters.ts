/** Statistics of a modem since its node was deployed. Counts never decrease. */
export interface Counters {
  /** Command lines written. */
  commands: number;
  /** Bytes written to the module, commands included. */
  bytesOut: number;
  /** Bytes received from the module, responses included. */
  bytesIn: number;
  /** Payload bytes that the module accepted. */
  payloadOut: number;
  /** Payload bytes that were read from the module. */
  payloadIn: number;
  /** Commands that were not answered in time. */
  timeouts: number;
  /** How often the line was resynchronized after a timeout. */
  resyncs: number;
  /** How often a port that had worked was reopened. */
  reconnects: number;
  /** How often the module restarted. */
  restarts: number;
  /** Operations whose outcome is unknown: `QFWD_UNKNOWN_OUTCOME`. */
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
