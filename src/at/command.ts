/** One AT command as data: what to write, which lines answer it, and what they mean. */
export interface Command<T = unknown> {
  /** The command line without its CR, such as `AT+QFWDRECV=3,1024`. */
  readonly text: string;
  /** Neither its parameters nor its answer are shown to anybody. */
  readonly isSecret?: boolean;
  /** How its information responses begin. Without it, every line that is not unsolicited belongs to the answer. */
  readonly responsePrefixes?: readonly string[];
  /** Final result codes besides OK and ERROR, such as `SEND OK`: {@link decode} is told which of them ended the answer. */
  readonly finals?: readonly string[];
  /** Those of them that mean that nothing was done. */
  readonly refusals?: readonly string[];
  /** Written when the module prompts for it. A command with a body is never repeated once the body was written. */
  readonly body?: Buffer;
  /** The command says how long the body is, so that perhaps nothing but so many bytes ends it. */
  readonly isFixedLength?: boolean;
  /** That is certain: an ESC in the body does not end it. */
  readonly isEscapeData?: boolean;
  /**
   * No part of the body can act as a command line. Then it is written although the prompt did not come, as that may have been
   * lost: a module that waits for the body gets it, and any other ignores it. What it did has to be found out otherwise.
   */
  isBodyHarmless?(): boolean;
  /** The module may send the body back even if it does not echo command lines. */
  readonly isBodyEchoed?: boolean;
  /**
   * Commands with the same value may share a command line (V.250 5.2.1): the answer of each is one line, perhaps with a
   * block, that can be told from the others; and one that is rejected has done nothing, so it can be written again.
   */
  readonly joins?: string;
  /** Whether this is the first line of the answer to this very command; without it, any line with its prefix is. */
  readonly isAnsweredBy?: (line: string) => boolean;
  /** A line of the answer that ends in front of the block: with the comma that this ends with, not with CR LF. */
  readonly inlineHeader?: RegExp;
  /** How many raw bytes follow this line of the answer, if any do. */
  block?(line: string): number | undefined;
  /**
   * Whether the answer says everything. Then it counts whatever its final result code is, or if none comes, and
   * `Turn.onAnswer` is told at once.
   */
  isComplete?(answer: Answer): boolean;
  /** Turns the answer into what the caller wants. Throws when the answer makes no sense. */
  decode(answer: Answer): T;
  /** A query, which does no harm when it is asked again after its answer was lost. */
  readonly isRepeatable?: boolean;
  /** How long to wait for the answer, in ms, if other than usual. */
  readonly timeout?: number;
}

/** What came between a command and its final result code. A module that says OK and nothing else has shown nothing. */
export interface Answer {
  readonly lines: readonly string[];
  readonly block?: Buffer;
  /** The module sent the body back. */
  readonly hasEchoedBody?: boolean;
  /** The final result code; missing when the answer was complete without it. */
  readonly final?: string;
}

/** A query or a setting whose answer is taken as it is. */
export function plainCommand(
  text: string,
  responsePrefixes: readonly string[] = [],
): Command<readonly string[]> {
  return { text, responsePrefixes, isRepeatable: true, decode: ({ lines }) => lines };
}
