/** OpenMetrics text, version 1.0. Pure functions of the figures of all modems. */
import type { LinkState, ModemStatus } from '../../src/modem';

/** One modem: what it is called, and its figures; missing while no node uses it or its configuration is invalid. */
export interface Measured {
  readonly id: string;
  readonly name: string;
  readonly state: MeasuredState;
  readonly status?: Partial<ModemStatus>;
}

export const CONTENT_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

type Labels = Readonly<Record<string, string>>;

interface Sample {
  readonly labels?: Labels;
  readonly value: number | undefined;
}

interface Family {
  /** Without the suffix of its type. */
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'info' | 'stateset';
  readonly unit?: string;
  readonly help: string;
  samples(modem: Measured): readonly Sample[];
}

const SUFFIX = { counter: '_total', gauge: '', info: '_info', stateset: '' } as const;

/** `unused`: no node uses it; `error`: its configuration is invalid. */
export type MeasuredState = LinkState | 'unused' | 'error';

const STATES = Object.keys({
  unused: 1,
  error: 1,
  offline: 1,
  connecting: 1,
  initializing: 1,
  'no-sim': 1,
  locked: 1,
  'no-network': 1,
  denied: 1,
  booting: 1,
  unsupported: 1,
  activating: 1,
  ready: 1,
  stopped: 1,
} satisfies Record<MeasuredState, 1>);

type CounterName = keyof ModemStatus['counters'];

const counter = (name: string, help: string, key: CounterName, unit?: string): Family => ({
  name,
  type: 'counter',
  help,
  ...(unit !== undefined && { unit }),
  samples: ({ status }) => [{ value: status?.counters?.[key] }],
});

const gauge = (
  name: string,
  help: string,
  value: (status: Partial<ModemStatus>) => number | undefined,
  unit?: string,
): Family => ({
  name,
  type: 'gauge',
  help,
  ...(unit !== undefined && { unit }),
  samples: ({ status = {} }) => [{ value: value(status) }],
});

const FAMILIES: readonly Family[] = [
  {
    name: 'qfwd_modem',
    type: 'info',
    help: 'Module and network.',
    samples: ({ status = {} }) => {
      const { model, firmware, commands, operator, technology } = status;
      return [{ labels: present({ model, firmware, commands, operator, technology }), value: 1 }];
    },
  },
  {
    name: 'qfwd_modem_state',
    type: 'stateset',
    help: 'State of the modem.',
    samples: ({ state }) =>
      STATES.map((it) => ({ labels: { qfwd_modem_state: it }, value: it === state ? 1 : 0 })),
  },
  gauge('qfwd_connections', 'Open connections.', ({ sockets }) => sockets),
  gauge('qfwd_send_queue_bytes', 'Payload that waits to be sent.', ({ waiting }) => waiting, 'bytes'),
  gauge('qfwd_registered', 'Whether the module is registered on a network.', ({ registered }) =>
    registered === undefined ? undefined : Number(registered),
  ),
  gauge('qfwd_signal_rssi_dbm', 'Received signal strength.', ({ signal }) => signal?.rssi, 'dbm'),
  gauge('qfwd_signal_rsrp_dbm', 'Reference signal received power.', ({ signal }) => signal?.rsrp, 'dbm'),
  gauge('qfwd_signal_rsrq_db', 'Reference signal received quality.', ({ signal }) => signal?.rsrq, 'db'),
  gauge('qfwd_signal_sinr_db', 'Signal to interference and noise ratio.', ({ signal }) => signal?.sinr, 'db'),
  counter('qfwd_commands', 'Command lines written.', 'commands'),
  counter('qfwd_line_written_bytes', 'Bytes written to the module.', 'bytesOut', 'bytes'),
  counter('qfwd_line_read_bytes', 'Bytes read from the module.', 'bytesIn', 'bytes'),
  counter('qfwd_payload_sent_bytes', 'Payload that the module accepted.', 'payloadOut', 'bytes'),
  counter('qfwd_payload_received_bytes', 'Payload read from the module.', 'payloadIn', 'bytes'),
  counter('qfwd_timeouts', 'Commands that were not answered in time.', 'timeouts'),
  counter('qfwd_resyncs', 'Resynchronizations of the line.', 'resyncs'),
  counter('qfwd_reconnects', 'How often a port that had worked was reopened.', 'reconnects'),
  counter('qfwd_restarts', 'Restarts of the module.', 'restarts'),
  counter('qfwd_unknown_outcomes', 'Operations whose outcome is unknown.', 'unknownOutcomes'),
];

export function openMetrics(modems: readonly Measured[]): string {
  return [...FAMILIES.flatMap((family) => linesOf(family, modems)), '# EOF', ''].join('\n');
}

function linesOf(family: Family, modems: readonly Measured[]): string[] {
  const { name, type, unit, help } = family;
  const samples = modems.flatMap((modem) =>
    family
      .samples(modem)
      .filter(({ value }) => value !== undefined)
      .map(({ labels, value }) => {
        const all = { modem: modem.id, name: modem.name, ...labels };
        return `${name}${SUFFIX[type]}{${written(all)}} ${String(value)}`;
      }),
  );
  return [
    `# TYPE ${name} ${type}`,
    ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
    `# HELP ${name} ${help}`,
    ...samples,
  ];
}

function written(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(',');
}

function escaped(text: string): string {
  return text.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n');
}

function present(labels: Readonly<Record<string, string | undefined>>): Labels {
  return Object.fromEntries(
    Object.entries(labels).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
