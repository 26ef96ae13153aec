/** The data of flows over a connection that carries it encrypted. */
export interface ClearText {
  /** The connection was reported: data may be passed on from now on. */
  begin(): void;
  /** Whether a consumer wants data; asked again after {@link update}. */
  update(): void;
  /**
   * Resolves when the module has taken what it was encrypted to. Rejects with a `QfwdError`.
   * @param isWanted asked before it is encrypted: from then on it is sent in any case
   */
  write(data: Buffer, isWanted: () => boolean): Promise<void>;
  /** Reads what is there, at most `length` bytes. */
  read(length: number): Promise<Buffer>;
  /** Tells the peer the end. Resolves when the module has delivered that, or after a short time. Never rejects. */
  end(): Promise<void>;
}
