import assert from 'node:assert/strict';
import type { NodeAPI } from 'node-red';
import { serveAdmin } from '../../../nodes/qfwd-modem/admin';

type Handler = (request: object, response: object, next?: () => void) => unknown;

/** Node-RED, as far as an admin endpoint sees it, with a user who may do what is listed. */
function editorOf(permissions: readonly string[]) {
  const routes = new Map<string, readonly Handler[]>();
  const route =
    (method: string) =>
    (address: string, ...handlers: Handler[]) =>
      void routes.set(`${method} ${address}`, handlers);
  const needsPermission =
    (permission: string): Handler =>
    (_request, response, next) =>
      permissions.includes(permission) ? next?.() : (response as Answer).status(401);
  const api = { auth: { needsPermission }, httpAdmin: { get: route('GET'), post: route('POST') } };
  return { api: api as unknown as NodeAPI, routes };
}

class Answer {
  code = 200;
  body: unknown;

  status(code: number): this {
    this.code = code;
    return this;
  }

  set(): this {
    return this;
  }

  json(body: unknown): void {
    this.body = body;
  }
}

const REQUEST = { params: {}, query: {}, acceptsLanguages: () => false };

const ROUTES = [
  'GET /qfwd/ports',
  'GET /qfwd/modems',
  'GET /qfwd/modems/:id',
  'POST /qfwd/modems/:id/diagnosis',
  'GET /qfwd/modems/:id/calibration',
  'POST /qfwd/modems/:id/calibration',
];

describe('The permissions of the admin API', () => {
  async function codes(permissions: readonly string[]): Promise<number[]> {
    const { api, routes } = editorOf(permissions);
    serveAdmin(api, new Map(), () => Promise.resolve([]));
    assert.deepEqual([...routes.keys()], ROUTES);
    return Promise.all(
      ROUTES.map(async (name) => {
        const [guard, handle] = routes.get(name)!;
        const answer = new Answer();
        const allowed: true[] = [];
        guard!({}, answer, () => allowed.push(true));
        if (allowed.length > 0) await handle!({ ...REQUEST, params: { id: 'nobody' } }, answer);
        return answer.code;
      }),
    );
  }

  it('reject requests that have none', async () =>
    assert.deepEqual(await codes([]), [401, 401, 401, 401, 401, 401]));
  it('allow reading with qfwd.read', async () =>
    assert.deepEqual(await codes(['qfwd.read']), [200, 200, 404, 401, 200, 401]));
  it('allow operations with qfwd.write', async () => {
    assert.deepEqual(await codes(['qfwd.write']), [401, 401, 401, 404, 401, 404]);
  });

  it('do not hide an error of the operating system', async () => {
    const { api, routes } = editorOf(['qfwd.read']);
    serveAdmin(api, new Map(), () => Promise.reject(new Error('no sysfs')));
    const answer = new Answer();
    await routes.get('GET /qfwd/ports')![1]!(REQUEST, answer);
    assert.deepEqual([answer.code, answer.body], [500, { message: 'no sysfs' }]);
  });
});
