import type { Packet, PacketKind } from './packet';

/** A fault of a line. Faults are applied in the order in which they were injected: each one gets the output of the previous one. */
export interface Fault {
  /** Set when the fault has been applied for the last time; it is then removed. */
  readonly spent?: boolean;
  /** Changes bytes from the host to the module. */
  receive?(bytes: Buffer): Buffer;
  /** Delay of a prompt or response in ms; called once for each. */
  delay?(): number;
  /** Replaces a packet to the host. */
  send?(packet: Packet): readonly Packet[];
  /** Splits bytes into the chunks that the host receives. */
  cut?(bytes: Buffer): readonly Buffer[];
}

/** The faults of one AT port. */
export class FaultStack {
  #faults: Fault[] = [];

  /** Returns a function that removes the fault. */
  inject(fault: Fault): () => void {
    this.#faults.push(fault);
    return () => void (this.#faults = this.#faults.filter((other) => other !== fault));
  }

  receive(bytes: Buffer): Buffer {
    return this.#fold(bytes, (fault, now) => fault.receive?.(now) ?? now);
  }

  delay(): number {
    return this.#fold(0, (fault, sum) => sum + (fault.delay?.() ?? 0));
  }

  send(packets: readonly Packet[]): readonly Packet[] {
    return this.#fold(packets, (fault, now) => now.flatMap((packet) => fault.send?.(packet) ?? [packet]));
  }

  cut(bytes: Buffer): readonly Buffer[] {
    return this.#fold<readonly Buffer[]>([bytes], (fault, now) =>
      now.flatMap((part) => fault.cut?.(part) ?? [part]),
    );
  }

  #fold<T>(start: T, step: (fault: Fault, value: T) => T): T {
    if (this.#faults.length === 0) return start;
    const end = this.#faults.reduce((value, fault) => step(fault, value), start);
    this.#faults = this.#faults.filter((fault) => fault.spent !== true);
    return end;
  }
}

/** Drops the next packet of a kind, such as a prompt, a final result code or a URC. */
export const dropNext = (kind: PacketKind): Fault => onNext(kind, () => []);

/** Inserts bytes before the next packet of a kind, such as noise, or a URC within a response. */
export const insertBefore = (kind: PacketKind, bytes: Buffer | string): Fault =>
  onNext(kind, (packet) => [{ kind: 'urc', bytes: Buffer.from(bytes) }, packet]);

/** Changes the bytes of the next packet of a kind. */
export const garbleNext = (kind: PacketKind, garble: (bytes: Buffer) => Buffer): Fault =>
  onNext(kind, (packet) => [{ kind, bytes: garble(packet.bytes) }]);

/** Delays the next prompt or response. */
export function delayNext(ms: number): Fault {
  let spent = false;
  return {
    get spent() {
      return spent;
    },
    delay() {
      if (spent) return 0;
      spent = true;
      return ms;
    },
  };
}

/** Drops the next `count` bytes from the host. */
export function loseInput(count: number): Fault {
  let left = count;
  return {
    get spent() {
      return left === 0;
    },
    receive(bytes) {
      const lost = Math.min(left, bytes.length);
      left -= lost;
      return bytes.subarray(lost);
    },
  };
}

/** Delivers all output in chunks of `size()` bytes, one byte by default. Active until removed. */
export function cutInto(size: () => number = () => 1): Fault {
  return {
    cut(bytes) {
      const pieces: Buffer[] = [];
      for (let at = 0; at < bytes.length;) {
        const end = at + Math.max(1, Math.floor(size()));
        pieces.push(bytes.subarray(at, end));
        at = end;
      }
      return pieces;
    },
  };
}

function onNext(kind: PacketKind, change: (packet: Packet) => readonly Packet[]): Fault {
  let spent = false;
  return {
    get spent() {
      return spent;
    },
    send(packet) {
      if (spent || packet.kind !== kind) return [packet];
      spent = true;
      return change(packet);
    },
  };
}
