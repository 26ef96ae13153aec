import type { Packet, PacketKind } from './packet';

/** Something wrong with a line. Faults stack: each sees what the ones injected before it let through. */
export interface Fault {
  /** Set once it has done its work; it is then taken off the line. */
  readonly spent?: boolean;
  /** Changes bytes on their way from the host to the module. */
  receive?(bytes: Buffer): Buffer;
  /** Milliseconds to hold back a prompt or an answer; asked once for each. */
  delay?(): number;
  /** Replaces a packet on its way to the host. */
  send?(packet: Packet): readonly Packet[];
  /** Cuts bytes into the pieces the host gets one by one. */
  cut?(bytes: Buffer): readonly Buffer[];
}

/** The faults of one AT port. */
export class FaultStack {
  #faults: Fault[] = [];

  /** Returns a function that takes the fault off again. */
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

/** Loses the next packet of a kind: a prompt, a final result, a URC. */
export const dropNext = (kind: PacketKind): Fault => onNext(kind, () => []);

/** Puts bytes in front of the next packet of a kind: noise, or a URC between the lines of an answer. */
export const insertBefore = (kind: PacketKind, bytes: Buffer | string): Fault =>
  onNext(kind, (packet) => [{ kind: 'urc', bytes: Buffer.from(bytes) }, packet]);

/** Changes the bytes of the next packet of a kind. */
export const garbleNext = (kind: PacketKind, garble: (bytes: Buffer) => Buffer): Fault =>
  onNext(kind, (packet) => [{ kind, bytes: garble(packet.bytes) }]);

/** Holds the next prompt or answer back. */
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

/** Loses the next `count` bytes the host sends. */
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

/** Delivers everything in pieces of `size()` bytes, one by one as it stands. Stays until taken off. */
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
