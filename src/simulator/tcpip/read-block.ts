import type { Endpoint } from '../sockets/address';
import type { TcpipSettings } from './settings';

/** Received data, as AT+QIRD and the URCs of push mode carry it. */
export interface ReadBlock {
  readonly header: string;
  /** Between the header and the data. */
  readonly before: string;
  readonly data: Buffer;
}

/** `from`: the sender, which a UDP service tells. */
export function readBlock(
  header: string,
  data: Buffer,
  settings: TcpipSettings,
  { from, quoted = true }: { from?: Endpoint | undefined; quoted?: boolean } = {},
): ReadBlock {
  const address = from && (quoted ? `"${from.address}"` : from.address);
  return {
    header: from ? `${header},${address},${from.port}` : header,
    before: settings.isOn('viewmode') ? ',' : '\r\n',
    data: settings.isOn('dataformat', 1) ? Buffer.from(data.toString('hex').toUpperCase()) : data,
  };
}
