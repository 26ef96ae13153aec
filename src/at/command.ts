/** One AT command as data: what to write, how to recognize its response, and how to decode it. */
export interface Command<T = unknown> {
  /** The command line without its CR, such as `AT+QFWDRECV=3,1024`. */
  readonly text: string;
  /** Its parameters and its response must not be shown. */
  readonly isSecret?: boolean;
  /** How its information responses begin. If missing, every line that is not unsolicited belongs to the response. */
  readonly responsePrefixes?: readonly string[];
  /** A user typed it, so its response may hold text of others, which may look like a result code. */
  readonly isTyped?: boolean;
  /** Final result codes besides OK and ERROR, such as `SEND OK`; {@link decode} gets the one that was received. */
  readonly finals?: readonly string[];
  /** Those of {@link finals} that mean that the command was not executed. */
  readonly refusals?: readonly string[];
  /** Written after the prompt. A command is never repeated once its body was written. */
  readonly body?: Buffer;
  /** The command has the length of the body as a parameter, so possibly only that many bytes end it. */
  readonly isFixedLength?: boolean;
  /** It is known that an ESC in the body does not end it. */
  readonly isEscapeData?: boolean;
  /**
   * Whether no part of the body can be executed as a command line. Then it is written even without a prompt, which may have
   * been lost: a module that waits for the body gets it, and any other ignores it. The outcome must be found out separately.
   */
  isBodyHarmless?(): boolean;
  /** The module may echo the body even if it does not echo command lines. */
  readonly isBodyEchoed?: boolean;
  /**
   * Commands with the same value may share a command line (V.250 5.2.1). The response to each must be one line, perhaps with a
   * block, that identifies its command, and a rejected command must have no effect, so that it can be written again.
   */
  readonly joins?: string;
  /** Whether a line is the first one of the response to this command; if missing, any line with its prefix is. */
  readonly isAnsweredBy?: (line: string) => boolean;
  /** Matches a line of the response that ends with a comma instead of CR LF: its block follows on the same line. */
  readonly inlineHeader?: RegExp;
  /** How many raw bytes follow this line of the response, if any. */
  block?(line: string): number | undefined;
  /**
   * Whether the response is complete. Then its final result code does not matter, nor whether there is one, and
   * `Turn.onAnswer` is called at once.
   */
  isComplete?(answer: Answer): boolean;
  /** Decodes the response. Throws if it is invalid. */
  decode(answer: Answer): T;
  /** A query, which may be repeated if its response was lost. */
  readonly isRepeatable?: boolean;
  /** Time limit for the response in ms, if it is not the usual one. */
  readonly timeout?: number;
}

/** The response between a command and its final result code. */
export interface Answer {
  readonly lines: readonly string[];
  readonly block?: Buffer;
  /** The module has echoed the body. */
  readonly hasEchoedBody?: boolean;
  /** The final result code; missing if the response was complete without it. */
  readonly final?: string;
}

/** A query or a setting whose response is returned as lines. */
export function plainCommand(
  text: string,
  responsePrefixes: readonly string[] = [],
): Command<readonly string[]> {
  return { text, responsePrefixes, isRepeatable: true, decode: ({ lines }) => lines };
}

/** Asks whether the firmware has a command, such as `AT+QFWDACK`: its test command (V.250 5.4.1). */
export function testCommand(name: string): Command<readonly string[]> {
  return plainCommand(`${name}=?`, [`${name.slice('AT'.length)}:`]);
}
