import type { Connection } from '../data/connection';
import type { Reader } from '../data/reader';
import type { Declarations } from './declarations';

/** Tells the reader that there may be data; not before the opening of the connection was reported, see `Clients`. */
export class DataNotices {
  constructor(
    private readonly declarations: Declarations,
    private readonly reader: Reader,
  ) {}

  /** See {@link Reader.notice}. */
  notice(connection: Connection): void {
    if (!this.isOpening(connection)) this.reader.notice(connection);
  }

  /** See {@link Reader.noteReport}. */
  noteReport(connection: Connection, length: number | undefined): void {
    if (!this.isOpening(connection)) this.reader.noteReport(connection, length);
  }

  /** Whether its opening was not reported yet, so that data must wait. A receiver is not told of the opening. */
  private isOpening(connection: Connection): boolean {
    return !connection.receiver && this.declarations.clientOf(connection)?.state === 'opening';
  }
}
