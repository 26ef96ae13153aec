/**
 * Reads configuration properties of a flow file. A number may be a string, from the form or an environment variable, and a
 * `${NAME}` that is not set is still there as text. Each function returns the value in its type, or throws `QFWD_INVALID`
 * with the allowed values.
 */
import { QfwdError } from '../../src/modem';
import { quoted, shortened } from '../../src/modem/errors';

export type Properties = Readonly<Record<string, unknown>>;

/** A whole number from `min` to `max`. */
export function integer(properties: Properties, name: string, min: number, max: number): number {
  const value = present(properties, name);
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number === 'number' && Number.isInteger(number) && number >= min && number <= max) return number;
  throw invalid(name, value, `a whole number from ${min} to ${max}`);
}

/** The same, or `undefined` when it is left empty. */
export function optionalInteger(
  properties: Properties,
  name: string,
  min: number,
  max: number,
): number | undefined {
  return isEmpty(properties[name]) ? undefined : integer(properties, name, min, max);
}

export function text(properties: Properties, name: string): string {
  const value = properties[name] ?? '';
  if (typeof value === 'string' && !isUnset(value)) return value;
  throw invalid(name, value, 'text');
}

export function requiredText(properties: Properties, name: string): string {
  const value = text(properties, name);
  if (value.trim() !== '') return value;
  throw invalid(name, value, 'not empty');
}

export function oneOf<T extends string>(properties: Properties, name: string, options: readonly T[]): T {
  const value = present(properties, name);
  const option = options.find((candidate) => candidate === value);
  if (option !== undefined) return option;
  throw invalid(name, value, options.join(' or '));
}

/** The same, or `undefined` when it is left empty. */
export function optionalOneOf<T extends string>(
  properties: Properties,
  name: string,
  options: readonly T[],
): T | undefined {
  return isEmpty(properties[name]) ? undefined : oneOf(properties, name, options);
}

export function flag(properties: Properties, name: string): boolean {
  const value = properties[name] ?? false;
  if (typeof value === 'boolean') return value;
  if (value === 'true' || value === 'false') return value === 'true';
  throw invalid(name, value, 'true or false');
}

export function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

export function invalid(name: string, value: unknown, wanted: string): QfwdError {
  if (typeof value === 'string' && isUnset(value)) {
    const variable = shortened(value);
    return new InvalidProperty(
      name,
      (subject) => `${subject} must be ${wanted}, but the environment variable ${variable} is not set`,
    );
  }
  return new InvalidProperty(name, (subject) => `${subject} must be ${wanted}, but it is ${quoted(value)}`);
}

class InvalidProperty extends QfwdError {
  constructor(
    readonly property: string,
    /** What is wrong with it. @param subject what it is called */
    readonly problemOf: (subject: string) => string,
  ) {
    super('QFWD_INVALID', problemOf(property));
  }
}

/**
 * The same error, with the property named by its label in the form.
 * @param labelOf returns `undefined` for a property without a label
 */
export function asInForm(error: QfwdError, labelOf: (property: string) => string | undefined): QfwdError {
  const label = error instanceof InvalidProperty ? labelOf(error.property) : undefined;
  if (!(error instanceof InvalidProperty) || label === undefined) return error;
  return error.withMessage(error.problemOf(`${label} (${error.property})`));
}

function present(properties: Properties, name: string): unknown {
  if (!isEmpty(properties[name])) return properties[name];
  throw new InvalidProperty(name, (subject) => `${subject} is missing`);
}

function isUnset(value: string): boolean {
  return /^\$\{[^}]+\}$/.test(value);
}
