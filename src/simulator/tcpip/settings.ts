/** A key of AT+QICFG: the range of each of its values, and what they are at power-on. */
interface Key {
  readonly ranges: readonly (readonly [min: number, max: number])[];
  readonly initial: readonly number[];
}

const SWITCH = [0, 1] as const;
const OFF: Key = { ranges: [SWITCH], initial: [0] };

const KEYS = {
  transpktsize: { ranges: [[1, 1460]], initial: [1024] },
  transwaittm: { ranges: [[0, 20]], initial: [2] },
  /** Most values are sent only with the first one; how the idle time is counted differs between modules. */
  'tcp/keepalive': { ranges: [SWITCH, [1, 1800], [1, 1800], [1, 10]], initial: [0] },
  'recv/buffersize': { ranges: [[10_240, 524_288]], initial: [10_240] },
  'send/buffersize': { ranges: [[1460, 10_240]], initial: [10_240] },
  /** Data as hexadecimal digits: sent, received. */
  dataformat: { ranges: [SWITCH, SWITCH], initial: [0, 0] },
  /** 1: a comma instead of CR LF before received data. */
  viewmode: OFF,
  /** 1: the URC "recv" has a length. */
  recvind: OFF,
  /** 1: a read goes on over the end of a datagram. */
  'udp/readmode': OFF,
  /** 1: the room in the send buffer instead of SEND OK. */
  sendinfo: OFF,
  /** 1: SEND OK after the peer has acknowledged; 2 to 4: other texts. */
  'TCP/SendMode': { ranges: [[0, 4]], initial: [0] },
  /** 1: a connection that the peer has closed frees its id. */
  passiveclosed: OFF,
  /** 1: AT+QICLOSE is followed by the URC "closed". */
  'close/mode': OFF,
  /** Seconds that a prompt waits for its data; 0: for ever. */
  'qisend/timeout': { ranges: [[0, 3600]], initial: [120] },
} satisfies Record<string, Key>;

export type SettingName = keyof typeof KEYS;
export const SETTING_NAMES = Object.keys(KEYS) as SettingName[];

type Values = ReadonlyMap<SettingName, readonly number[]>;

/** The settings of AT+QICFG. They are lost at a restart. */
export class TcpipSettings {
  readonly #initial: Values;
  readonly #values = new Map<SettingName, readonly number[]>();

  /** `initial`: what differs at power-on, as {@link parseSettings} reads it. */
  constructor(initial: string) {
    this.#initial = parseSettings(initial) ?? new Map();
  }

  get(name: SettingName): readonly number[] {
    return this.#values.get(name) ?? this.#initial.get(name) ?? KEYS[name].initial;
  }

  /** Whether a setting that is either 0 or 1 is 1; of several values, the one at `index`. */
  isOn(name: SettingName, index = 0): boolean {
    return this.get(name)[index] === 1;
  }

  /** Returns false, and changes nothing, if they are not values of this setting. */
  set(name: SettingName, values: readonly number[]): boolean {
    if (!areValues(name, values)) return false;
    this.#values.set(name, values);
    return true;
  }

  reset(): void {
    this.#values.clear();
  }
}

/** `text`: such as `viewmode=1;dataformat=1,1`. Returns undefined if it is invalid. */
export function parseSettings(text: string): Values | undefined {
  const settings = new Map<SettingName, readonly number[]>();
  for (const entry of text.split(';').filter((part) => part.trim() !== '')) {
    const [key = '', values = ''] = entry.split('=');
    const name = settingName(key.trim());
    const numbers = values.split(',').map((value) => (/^\d+$/.test(value.trim()) ? Number(value) : NaN));
    if (!name || !areValues(name, numbers)) return undefined;
    settings.set(name, numbers);
  }
  return settings;
}

/** Keys are case-insensitive. */
export function settingName(key: string): SettingName | undefined {
  return SETTING_NAMES.find((name) => name.toLowerCase() === key.toLowerCase());
}

function areValues(name: SettingName, values: readonly number[]): boolean {
  const { ranges, initial }: Key = KEYS[name];
  const isInRange = (value: number, index: number): boolean => {
    const [min, max] = ranges[index] ?? [1, 0];
    return Number.isInteger(value) && value >= min && value <= max;
  };
  return values.length >= initial.length && values.every(isInRange);
}

/** The values of a setting in its test response, such as `(0,1),(0,1)`. */
export const settingRanges = (name: SettingName): string =>
  KEYS[name].ranges.map(([min, max]) => (max === min + 1 ? `(${min},${max})` : `(${min}-${max})`)).join(',');
