/** From the bytes of a connection to the payloads of messages: framing, then decoding. Pure. */
import { StringDecoder } from 'node:string_decoder';
import { integer, invalid, oneOf, type Properties, requiredText } from '../runtime/settings';
import {
  delimiterFramer,
  type Framer,
  lengthFramer,
  MAX_FRAME,
  streamFramer,
  unescapeDelimiter,
} from './framing';

export type Payload = Buffer | string;

/** One for each connection. */
export interface Output {
  push(data: Buffer): Payload[];
  end(): Payload[];
}

export interface OutputSettings {
  createStream(): Output;
  /** A datagram, or data that was asked for, is a message as it is. */
  decode(data: Buffer): Payload;
}

/** @throws {QfwdError} `QFWD_INVALID` */
export function outputSettings(given: Properties): OutputSettings {
  const properties: Properties = { output: 'buffer', framing: 'stream', delimiter: '\\n', ...given };
  const encoding = oneOf(properties, 'output', ['buffer', 'utf8', 'base64']);
  const createFramer = framerOf(properties);
  const isStream = properties.framing === 'stream';
  const decode = (data: Buffer): Payload => (encoding === 'buffer' ? data : data.toString(encoding));
  return {
    decode,
    createStream: () => {
      const framer = createFramer();
      if (encoding === 'utf8' && isStream) return textStream();
      return {
        push: (data) => framer.push(data).map(decode),
        end: () => framer.end().map(decode),
      };
    },
  };
}

/** A character may begin in one piece and end in the next. */
function textStream(): Output {
  const decoder = new StringDecoder('utf8');
  const present = (text: string): string[] => (text === '' ? [] : [text]);
  return { push: (data) => present(decoder.write(data)), end: () => present(decoder.end()) };
}

function framerOf(properties: Properties): () => Framer {
  switch (oneOf(properties, 'framing', ['stream', 'delimiter', 'length'])) {
    case 'stream':
      return streamFramer;
    case 'delimiter': {
      const delimiter = unescapeDelimiter(requiredDelimiter(properties));
      return () => delimiterFramer(delimiter);
    }
    case 'length': {
      const length = integer(properties, 'length', 1, MAX_FRAME);
      return () => lengthFramer(length);
    }
  }
}

/** Blanks are as good a delimiter as any. */
function requiredDelimiter(properties: Properties): string {
  const { delimiter } = properties;
  if (typeof delimiter !== 'string' || delimiter === '') throw invalid('delimiter', delimiter, 'not empty');
  return delimiter.trim() === '' ? delimiter : requiredText(properties, 'delimiter');
}
