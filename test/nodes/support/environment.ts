import { defer } from '../../support/cleanup';

/** Sets an environment variable until the test is over. */
export function setVariable(name: string, value: string): void {
  process.env[name] = value;
  defer(() => Reflect.deleteProperty(process.env, name));
}
