/** Writes the traffic of the ports of one module as a trace. */
import type { Link, LinkEvents, Transport } from '../at';
import { Addresses } from './addresses';
import { type Direction, headerLine, traceLine } from './format';
import { type MaskerOptions, TraceMasker } from './masker';

export interface RecorderOptions extends MaskerOptions {
  /** Version of the software that talks to the module. */
  readonly software: string;
  /** Monotonic time in ms. */
  now(): number;
  /** Takes one line at a time, without its end; the line is made again if a new file has begun for it. Must not throw. */
  write(line: () => string): void;
}

export class TraceRecorder {
  private began = 0;
  private readonly maskers = new Map<string, TraceMasker>();
  private readonly addresses = new Addresses();

  constructor(private readonly options: RecorderOptions) {}

  /** To be called for each file: times are counted from now on. @returns its first line */
  begin(date = new Date()): string {
    this.began = this.options.now();
    return headerLine(this.options.software, date);
  }

  record(port: string, dir: Direction, bytes: Buffer): void {
    this.write(port, this.masker(port).feed(dir, bytes));
  }

  /** The port was closed. */
  end(port: string): void {
    this.write(port, this.masker(port).end());
  }

  /** The same transport, with what passes it recorded. */
  around(transport: Transport, port: string): Transport {
    return {
      name: transport.name,
      open: async (events, abandoned) => {
        const traced: LinkEvents = {
          data: (chunk) => {
            this.record(port, 'in', chunk);
            events.data(chunk);
          },
          closed: (reason) => {
            this.end(port);
            events.closed(reason);
          },
        };
        return this.aroundLink(await transport.open(traced, abandoned), port);
      },
    };
  }

  private aroundLink(link: Link, port: string): Link {
    return {
      ...link,
      write: (bytes) => {
        this.record(port, 'out', bytes);
        link.write(bytes);
      },
      close: () => {
        this.end(port);
        return link.close();
      },
    };
  }

  private masker(port: string): TraceMasker {
    const masker = this.maskers.get(port) ?? new TraceMasker({ ...this.options, addresses: this.addresses });
    this.maskers.set(port, masker);
    return masker;
  }

  private write(port: string, parts: ReturnType<TraceMasker['feed']>): void {
    const ms = (): number => Math.round(this.options.now() - this.began);
    for (const part of parts) this.options.write(() => traceLine({ ms: ms(), port, ...part }));
  }
}
