/** A listening port of this computer, which is kept open. */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { type AllowList, type EndpointState, QfwdError } from '../modem';
import { closedWhileOpening } from '../modem/endpoints/closing';
import { Retry } from '../modem/link/retry';
import type { ForwardEvent, ForwardHost } from './forward';
import { addressOf, meaningOf } from './near';

export interface ListenSettings {
  readonly listenHost: string;
  readonly listenPort: number;
  readonly allow: AllowList;
  /** 0 = no limit. */
  readonly maxClients: number;
}

export class Listener {
  private readonly callers = new Set<Socket>();
  private readonly retry: Retry;
  private state: EndpointState = 'closed';
  private hasReported = false;
  private stopWaiting: () => void = () => undefined;
  private readonly server: Server;

  /** @param onCaller called with each caller who may connect */
  constructor(
    private readonly host: ForwardHost,
    private readonly settings: ListenSettings,
    private readonly onCaller: (socket: Socket) => void,
    autoOpen: boolean,
  ) {
    this.retry = new Retry(
      host.modem.clock,
      () => Math.random(),
      () => void this.openInBackground(),
    );
    this.server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.admit(socket));
    // A caller could not be accepted; it is told that by the operating system.
    this.server.on('error', () => undefined);
    if (autoOpen) this.openOnceOnline();
  }

  /** @throws {QfwdError} `QFWD_OPEN_FAILED`; `QFWD_CLOSED` if it is closed meanwhile */
  async open(): Promise<ForwardEvent> {
    const { listenHost: host, listenPort: port } = this.settings;
    this.stopWaiting();
    this.retry.stop();
    if (this.state !== 'open') {
      this.enter('opening');
      const failure = await listening(this.server, host, port);
      if (this.state === 'closed') {
        this.server.close();
        throw closedWhileOpening();
      }
      if (failure) {
        this.enter('waiting');
        this.retry.schedule();
        const reason = meaningOf(failure);
        throw new QfwdError('QFWD_OPEN_FAILED', `${reason}: cannot listen on ${addressOf(host, port)}`);
      }
      this.retry.noteWorking();
      this.hasReported = false;
      this.enter('open');
    }
    return { event: 'server/open', port };
  }

  /** Stops listening, and ends all callers. Resolves with `undefined` when it did not listen. */
  async close(): Promise<ForwardEvent | undefined> {
    const wasOpen = this.state === 'open';
    this.stopWaiting();
    this.retry.reset();
    this.enter('closed');
    if (this.server.listening) {
      await new Promise((resolve) => {
        this.server.close(resolve);
        for (const socket of this.callers) socket.destroy();
      });
    }
    return wasOpen ? { event: 'server/close', port: this.settings.listenPort, reason: 'local' } : undefined;
  }

  /** Callers of a modem that has not started yet would only be closed again. */
  private openOnceOnline(): void {
    const { modem } = this.host;
    const onState = (): void => {
      if (!modem.isOnline) return;
      this.stopWaiting();
      void this.openInBackground();
    };
    this.stopWaiting = () => modem.off('state', onState);
    modem.on('state', onState);
    onState();
  }

  private async openInBackground(): Promise<void> {
    const { observer } = this.host;
    try {
      observer.onEvent(await this.open());
    } catch (error) {
      const failure = error as QfwdError;
      if (failure.code === 'QFWD_CLOSED') return;
      observer.onEvent({ event: 'server/failed', port: this.settings.listenPort, reason: failure.message });
      if (this.hasReported) return;
      this.hasReported = true;
      observer.onError(failure);
    }
  }

  private admit(socket: Socket): void {
    const { allow, maxClients } = this.settings;
    const isFull = maxClients > 0 && this.callers.size >= maxClients;
    if (isFull || !allow.admits(socket.remoteAddress ?? '')) {
      socket.destroy();
      return;
    }
    // Its end is told by its close.
    socket.on('error', () => undefined);
    this.callers.add(socket);
    socket.once('close', () => this.callers.delete(socket));
    this.onCaller(socket);
  }

  private enter(state: EndpointState): void {
    if (state === this.state) return;
    this.state = state;
    this.host.observer.onState(state);
  }
}

/** @returns why it cannot listen, if it cannot */
async function listening(server: Server, host: string, port: number): Promise<Error | undefined> {
  try {
    await once(server.listen(port, host), 'listening');
    return undefined;
  } catch (error) {
    return error as Error;
  }
}
