/** Converts the bytes of a connection to message payloads: framing, then decoding. Pure. */
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

/** One for each connection: text is decoded across its pieces, so that no character is cut in two. */
export interface Decoder {
  /**
   * One payload for each piece.
   * @param isEnd the text ends here; otherwise an incomplete character is kept for the next piece
   */
  decode(piece: Buffer, isEnd: boolean): Payload;
}

export interface OutputSettings {
  createStream(): Output;
  /** For data that was requested: each chunk is a message, without framing. */
  createDecoder(): Decoder;
  /** A datagram is one message, without framing. */
  decode(datagram: Buffer): Payload;
}

/** @throws {QfwdError} `QFWD_INVALID` */
export function outputSettings(given: Properties): OutputSettings {
  const properties: Properties = { output: 'buffer', framing: 'stream', delimiter: '\\n', ...given };
  const encoding = oneOf(properties, 'output', ['buffer', 'utf8', 'base64']);
  const createFramer = framerOf(properties);
  const createDecoder = encoding === 'utf8' ? textDecoder : () => pieceDecoder(encoding);
  // A text ends at a delimiter. Other frames are parts of one text, and so is a frame that was too long.
  const endsText = (frame: Buffer) => properties.framing === 'delimiter' && frame.length < MAX_FRAME;
  return {
    createStream: () => outputOf(createFramer(), createDecoder(), endsText),
    createDecoder,
    decode: (datagram) => createDecoder().decode(datagram, true),
  };
}

function outputOf(framer: Framer, decoder: Decoder, endsText: (frame: Buffer) => boolean): Output {
  return {
    push: (data) =>
      framer.push(data).flatMap((frame) => {
        const payload = decoder.decode(frame, endsText(frame));
        // All of it is kept for the next piece.
        return payload === '' && frame.length > 0 ? [] : [payload];
      }),
    end: () => {
      const frames = framer.end();
      const last = frames.length > 0 ? frames : [Buffer.alloc(0)];
      return last.map((frame) => decoder.decode(frame, true)).filter(({ length }) => length > 0);
    },
  };
}

/** A character may start in one chunk and end in the next. */
function textDecoder(): Decoder {
  const decoder = new StringDecoder('utf8');
  return { decode: (piece, isEnd) => decoder.write(piece) + (isEnd ? decoder.end() : '') };
}

function pieceDecoder(encoding: 'buffer' | 'base64'): Decoder {
  return { decode: (piece) => (encoding === 'buffer' ? piece : piece.toString(encoding)) };
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

/** Spaces are valid delimiters. */
function requiredDelimiter(properties: Properties): string {
  const { delimiter } = properties;
  if (typeof delimiter !== 'string' || delimiter === '') throw invalid('delimiter', delimiter, 'not empty');
  return delimiter.trim() === '' ? delimiter : requiredText(properties, 'delimiter');
}
