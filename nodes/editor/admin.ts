/** Asks the runtime half over HTTP. Addresses are relative: only then does the editor send its token along. */

/** Why there is no answer: a key below `admin` in the message catalog, and what the runtime said, if anything. */
export class AdminError extends Error {
  constructor(
    readonly key: 'forbidden' | 'unreachable' | 'failed',
    /** Of HTTP; 0 when there was no answer. */
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** Rejects with an {@link AdminError}. */
export async function ask<T>(method: 'GET' | 'POST', address: string): Promise<T> {
  try {
    return (await $.ajax({ url: address, method, dataType: 'json' })) as T;
  } catch (failure) {
    const { status, responseJSON } = failure as { status: number; responseJSON?: { message?: string } };
    const { message = '' } = responseJSON ?? {};
    if (status === 401 || status === 403) throw new AdminError('forbidden', status, message);
    throw new AdminError(status === 0 ? 'unreachable' : 'failed', status, message || `HTTP ${status}`);
  }
}
