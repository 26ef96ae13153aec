import type { SimulatorOptions } from '../options';
import { TcpipError } from './errors';

/** `<context_type>`: 1 IPv4, 2 IPv6, 3 both. */
export interface PdpDefinition {
  readonly type: number;
  readonly apn: string;
  readonly user: string;
  readonly password: string;
  readonly auth: number;
}

const UNDEFINED: PdpDefinition = { type: 1, apn: '', user: '', password: '', auth: 0 };

/** The PDP contexts of AT+QICSGP and AT+QIACT. */
export class PdpContexts {
  readonly #options: SimulatorOptions;
  readonly #isRegistered: () => boolean;
  readonly #definitions = new Map<number, PdpDefinition>();
  readonly #active = new Set<number>();
  /** Lost, but still listed. */
  readonly #ghosts = new Set<number>();

  constructor(options: SimulatorOptions, isRegistered: () => boolean) {
    this.#options = options;
    this.#isRegistered = isRegistered;
  }

  definition(id: number): PdpDefinition {
    return this.#definitions.get(id) ?? UNDEFINED;
  }

  define(id: number, definition: PdpDefinition): void {
    this.#definitions.set(id, definition);
  }

  isActive(id: number): boolean {
    return this.#active.has(id);
  }

  get active(): number[] {
    return [...this.#active];
  }

  /** The ids that AT+QIACT? lists. */
  get listed(): number[] {
    return [...this.#active, ...this.#ghosts].sort((one, other) => one - other);
  }

  /** @throws {TcpipError} */
  activate(id: number): void {
    const { activateTwice, activeContexts } = this.#options;
    if (this.#active.has(id)) {
      if (activateTwice === 'error') throw new TcpipError(550);
      return;
    }
    if (!this.#isRegistered()) throw new TcpipError(561);
    if (this.#active.size >= activeContexts) throw new TcpipError(572);
    this.#ghosts.delete(id);
    this.#active.add(id);
  }

  deactivate(id: number): void {
    this.#ghosts.delete(id);
    this.#active.delete(id);
  }

  /** The network took it away. */
  lose(id: number): void {
    if (this.#active.delete(id) && this.#options.lostContext === 'listed') this.#ghosts.add(id);
  }

  /** The addresses of the module in a context. */
  addresses(id: number): string[] {
    const { type } = this.definition(id);
    const v4 = `10.0.0.${id}`;
    const v6 = `2001:db8::${id.toString(16)}`;
    return type === 3 ? [v4, v6] : [type === 2 ? v6 : v4];
  }

  reset(): void {
    this.#definitions.clear();
    this.#active.clear();
    this.#ghosts.clear();
  }
}
