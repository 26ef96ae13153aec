import type { CurrentLink } from './current-link';
import { isPowerDown, isStart } from './module-urc';
import { ECHO_OFF } from './startup';

export interface RestartSignsHost {
  readonly current: CurrentLink;
  /** The module may have restarted: the next session finds out which sockets are still open. */
  onDoubt(reason: Error): void;
  /** The module has restarted: all its sockets are closed. */
  onRestart(): void;
}

/**
 * Detects that the module has restarted: by a URC, which may be fake, as received text messages can contain the same
 * text; and by its echo, which is on after a restart.
 */
export class RestartSigns {
  /** Echo setting of the module, as known since the port was opened; `always`: ATE0 has no effect. */
  private echo: 'unknown' | 'off' | 'always' = 'unknown';
  /** A start or power-down URC was received. */
  private isSaid = false;

  constructor(private readonly host: RestartSignsHost) {}

  onPortOpening(): void {
    this.echo = 'unknown';
  }

  onSession(): void {
    this.isSaid = false;
    if (this.echo === 'unknown') this.echo = 'off';
  }

  /** The module echoed a command. */
  onEcho(text: string): void {
    const { session } = this.host.current;
    if (session && this.echo === 'off') {
      this.host.onDoubt(new Error('the module has lost its settings'));
    } else if (!session && text !== ECHO_OFF) {
      this.echo = 'always';
    } else if (!session && this.echo === 'off' && this.isSaid) {
      this.isSaid = false;
      this.host.onRestart();
    }
  }

  onLine(line: string): void {
    if (!isStart(line) && !isPowerDown(line)) return;
    this.isSaid = true;
    const text = isStart(line) ? 'the module says that it restarts' : 'the module says that it powers down';
    this.host.onDoubt(new Error(text));
  }
}
