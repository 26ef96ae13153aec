import { AtError, type Command, isRejection } from '../../at';
import type { SocketCommands } from '../../sockets';

/** Retries a rejected command in its alternative form. If that fails, too, the first error is thrown. */
export async function orOtherwise<T>(
  commands: SocketCommands,
  command: Command<T>,
  run: (command: Command<T>) => Promise<T>,
): Promise<T> {
  try {
    return await run(command);
  } catch (error) {
    const other = isRejection(error) ? commands.otherwise(command) : undefined;
    if (!other) throw error;
    return run(other).catch((second: unknown) => {
      throw isAnswer(second) ? error : second;
    });
  }
}

/** Whether the module answered, but with an error or a malformed response. */
function isAnswer(error: unknown): boolean {
  return isRejection(error) || (error instanceof AtError && error.failure === 'malformed');
}
