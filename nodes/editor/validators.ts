import { asText, current, isEnvironment } from './form';
import { text } from './text';

/** A key below `validate` in the message catalog, and its parameters; undefined = valid. */
type Problem = [key: string, variables?: Record<string, string | number>] | undefined;

const ipv4 = /^(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/;

/** A whole number from `min` to `max`; `optional` allows an empty field. */
export function wholeNumber(
  min: number,
  max: number,
  optional: 'optional' | 'required' = 'required',
): Validator {
  const check = validator((value) => {
    if (optional === 'optional' && value.trim() === '') return undefined;
    const fits = /^\s*\d+\s*$/.test(value) && Number(value) >= min && Number(value) <= max;
    return fits ? undefined : [optional === 'optional' ? 'wholeOrEmpty' : 'whole', { min, max }];
  });
  return orMissing(check);
}

/** The same for a property that a flow from an earlier version lacks: the runtime uses its default. */
function orMissing(validate: Validator): Validator {
  return function (value, options) {
    return value === undefined ? true : validate.call(this, value, options);
  };
}

/** A valid word in a parameter of a command: not empty, no blanks, quotes or control characters. */
export const word = validator((value) => {
  if (value === '') return ['required'];
  return /^[^\s"\p{Cc}]+$/u.test(value) ? undefined : ['word'];
});

/** Valid text in a parameter of a command, with a maximum length in bytes. */
export function quotable(most = 250): Validator {
  return validator((value) => {
    const isShort = new TextEncoder().encode(value).length <= most;
    return isShort && !/["\p{Cc}]/u.test(value) ? undefined : ['quotable', { most }];
  });
}

export const filled = validator((value) => (value === '' ? ['required'] : undefined));

/** The id of a node that exists in the flows. */
export const existingNode = validator((value) => {
  if (value === '') return ['required'];
  return RED.nodes.node(value) ? undefined : ['missingNode'];
});

/** One AT command, or nothing. */
export const command = validator((value) => (value === '' || isCommand(value) ? undefined : ['command']));

/** AT commands, one a line. */
export const commands = validator((value) => {
  const line = value.split(/\r?\n/).findIndex((entry) => entry.trim() !== '' && !isCommand(entry));
  return line < 0 ? undefined : ['commands', { line: line + 1 }];
});

/** Addresses or CIDR blocks, separated by commas or newlines. */
export const addresses = validator((value) => {
  const entries = value.split(/[,\n]/).map((entry) => entry.trim());
  const wrong = entries.find((entry) => entry !== '' && !isBlock(entry));
  return wrong === undefined ? undefined : ['addresses', { entry: entries.indexOf(wrong) + 1 }];
});

/** A JSON object, or its text. */
export const jsonObject: Validator = orMissing(function (value, options) {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return true;
  return jsonObjectText.call(this, value, options);
});

const jsonObjectText = validator((value) => {
  try {
    const parsed: unknown = JSON.parse(value);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? undefined
      : ['jsonObject'];
  } catch {
    return ['jsonObject'];
  }
});

/** The PIN of a SIM, or nothing. */
export const pin = stored(validator((value) => (/^(\d{4,8})?$/.test(value) ? undefined : ['pin'])));

/** A credential. Node-RED shows a placeholder for a stored one, which is valid. */
export function stored(validate: Validator): Validator {
  return function (value, options) {
    return value === '__PWRD__' ? true : validate.call(this, value, options);
  };
}

/** Checks a property only while another one has the given value: unused properties are always valid. */
export function when(property: string, expected: string, validate: Validator): Validator {
  return function (value, options) {
    return current(this, property) === expected ? validate.call(this, value, options) : true;
  };
}

/** The same unless it has that value. */
export function unless(property: string, exception: string, validate: Validator): Validator {
  return function (value, options) {
    return current(this, property) === exception ? true : validate.call(this, value, options);
  };
}

function validator(check: (value: string) => Problem): Validator {
  return function (value, options) {
    const entered = asText(value);
    const problem = isEnvironment(entered) ? undefined : check(entered);
    if (!problem) return true;
    const [key, variables] = problem;
    return text(this, `validate.${key}`, { ...variables, label: options.label ?? '' });
  };
}

/** Control characters could end a command and start another. */
function isCommand(line: string): boolean {
  return /^ *at\P{Cc}*$/iu.test(line);
}

function isBlock(entry: string): boolean {
  const [address = '', prefix, ...rest] = entry.split('/');
  const version = ipv4.test(address) ? 4 : isIpv6(address) ? 6 : undefined;
  if (!version || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128));
}

/** Uses the browser's URL parser, which validates IPv6 addresses. */
function isIpv6(address: string): boolean {
  return address.includes(':') && URL.canParse(`http://[${address}]`);
}
