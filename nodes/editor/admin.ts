/** HTTP requests to the runtime. URLs are relative, because the editor adds its access token to relative URLs only. */

/** Why a request failed: a key below `admin` in the message catalog, and the message of the runtime, if any. */
export class AdminError extends Error {
  constructor(
    readonly key: 'forbidden' | 'unreachable' | 'failed',
    /** HTTP status code; 0 if there was no response. */
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** Rejects with an {@link AdminError}. */
export async function ask<T>(method: 'GET' | 'POST', address: string): Promise<T> {
  // The browser may prefer another language than the editor shows.
  const headers = { 'Accept-Language': RED.i18n.lang() };
  try {
    return (await $.ajax({ url: address, method, headers, dataType: 'json' })) as T;
  } catch (failure) {
    const { status, responseJSON } = failure as { status: number; responseJSON?: { message?: string } };
    const { message = '' } = responseJSON ?? {};
    if (status === 401 || status === 403) throw new AdminError('forbidden', status, message);
    throw new AdminError(status === 0 ? 'unreachable' : 'failed', status, message || `HTTP ${status}`);
  }
}
