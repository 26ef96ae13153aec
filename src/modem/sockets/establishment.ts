import type { Clock, Timers } from '../../at';
import type { Connection } from '../data/connection';
import type { DataPath } from '../data/data-path';
import { QfwdError } from '../errors';
import type { ConnectionStream } from '../stream/connection-stream';
import type { Flows, Layer } from '../stream/layer';
import type { Streams } from '../stream/streams';
import { ANSWER_WINDOW } from './disconnection';
import type { Termination } from './termination';

export interface EstablishmentHost {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly data: DataPath;
  readonly streams: Streams;
  readonly termination: Termination;
}

/** Runs the layer of a server or client over a new connection, which nobody is told of meanwhile. */
export class Establishment {
  constructor(private readonly host: EstablishmentHost) {}

  /** @throws {QfwdError} the connection is closed then */
  async establish(connection: Connection, layer: Layer): Promise<void> {
    connection.isEstablished = false;
    const stream = this.host.streams.open(connection);
    try {
      await layer.establish(stream, this.flowsOf(connection, stream));
      if (stream.destroyed) throw closedMeanwhile();
      connection.isEstablished = true;
    } catch (error) {
      stream.destroy();
      if (!stream.closed) await new Promise((resolve) => stream.once('close', resolve));
      throw error;
    }
  }

  private flowsOf(connection: Connection, stream: ConnectionStream): Flows {
    const { clock, data, timers } = this.host;
    const { consumers, reader } = data;
    return {
      clock: { now: () => clock.now(), after: (ms, action) => timers.after(ms, action) },
      isWanted: () => reader.isWantedByConsumers(connection),
      take: (data) => consumers.pass(connection, data),
      look: () => reader.poll(connection),
      end: () => this.onClearEnd(connection, stream),
      fail: (error) => {
        consumers.tell(connection, error);
        stream.destroy();
      },
    };
  }

  /** The peer has ended the clear text, and may still get an answer. */
  private onClearEnd(connection: Connection, stream: ConnectionStream): void {
    const { data, termination, timers } = this.host;
    connection.noteEnd(termination.remoteReason(connection));
    timers.after(ANSWER_WINDOW, () => {
      if (connection.state === 'closed') return;
      if (data.sender.isBusy(connection)) this.onClearEnd(connection, stream);
      else void connection.clear?.end().then(() => stream.destroy());
    });
  }
}

function closedMeanwhile(): QfwdError {
  return new QfwdError('QFWD_CLOSED', 'the connection was closed as it began');
}
