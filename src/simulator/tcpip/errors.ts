/** Codes of Quectel's TCP/IP stack, with the texts of AT+QIGETERROR. */
export const TCPIP_ERRORS = {
  0: 'operate successfully',
  550: 'unknown error',
  551: 'operation blocked',
  552: 'invalid parameters',
  553: 'memory not enough',
  554: 'create socket failed',
  555: 'operation not supported',
  556: 'socket bind failed',
  557: 'socket listen failed',
  558: 'socket write failed',
  559: 'socket read failed',
  560: 'socket accept failed',
  561: 'open PDP context failed',
  562: 'close PDP context failed',
  563: 'socket identity has been used',
  564: 'DNS busy',
  565: 'DNS parse failed',
  566: 'socket connect failed',
  567: 'socket has been closed',
  568: 'operation busy',
  569: 'operation timeout',
  570: 'PDP context broken down',
  571: 'cancel send',
  572: 'operation not allowed',
  573: 'APN not configured',
  574: 'port busy',
} as const;

export type TcpipCode = keyof typeof TCPIP_ERRORS;

/** Thrown by a TCP/IP command that ends with an error. */
export class TcpipError extends Error {
  constructor(readonly code: TcpipCode) {
    super(TCPIP_ERRORS[code]);
    this.name = 'TcpipError';
  }
}
