import { choice, flag, integer, settings } from './option-kinds';

/** Options of the TCP/IP commands (AT+QIOPEN …), for what differs between modules or is open. */
export const TCPIP_OPTIONS = {
  // Contexts
  contexts: integer(16, 1, 16, 'Number of PDP contexts of AT+QICSGP, AT+QIACT and AT+QIOPEN.'),
  activeContexts: integer(3, 1, 16, 'Most PDP contexts that can be active at the same time.'),
  activateTwice: choice(['error', 'ok'], 'Response to AT+QIACT for an active context.'),
  activateDelay: integer(0, 0, 150_000, 'Milliseconds that AT+QIACT and AT+QIDEACT take.'),
  activateAsync: flag(
    false,
    'Whether AT+QIACTEX and AT+QIDEACTEX exist, which report their result as a URC.',
  ),
  withoutContext: choice(
    ['561', 'activates'],
    'AT+QIOPEN in a context that is not active fails with 561, or activates the context.',
  ),
  contextLoss: choice(
    ['told', 'silent'],
    'Whether a context that the network deactivates is reported as +QIURC: "pdpdeact".',
  ),
  lostContext: choice(['gone', 'listed'], 'Whether AT+QIACT? still lists a context that was lost.'),

  // Opening
  openDelay: integer(0, 0, 600_000, 'Milliseconds until AT+QIOPEN begins to open a socket.'),
  openRefused: choice(
    ['urc', 'error'],
    'AT+QIOPEN that cannot start, such as with an id in use, reports this as a URC after OK, or ends with an error.',
  ),
  modeLeftOut: choice(['buffer', 'push'], 'Access mode of AT+QIOPEN without <access_mode>.'),
  incomingIds: choice(
    ['downward', 'lowest'],
    'Connect id of a connection that a listener accepts: from 11 downward, or the lowest free one.',
  ),
  incomingMode: choice(
    ['inherited', 'buffer'],
    'Access mode of a connection that a listener accepts: that of the listener, or always buffer mode.',
  ),
  failedOpen: choice(
    ['frees', 'keeps'],
    'Whether AT+QIOPEN that failed leaves the connect id free, or in use until AT+QICLOSE.',
  ),
  opensUntilStuck: integer(
    0,
    0,
    1000,
    'After this number of AT+QIOPEN, each one fails with 552 until a restart; 0 = never.',
  ),

  // Sending
  sendEcho: choice(
    ['on', 'off', 'with-echo'],
    'Echo of the data of AT+QISEND at power-on (AT+QISDE): on; off; or on while ATE1 is set, too.',
  ),
  sendCancelled: choice(['OK', 'ERROR', 'SEND FAIL'], 'Result code of AT+QISEND that ESC has cancelled.'),
  sendTimedOut: choice(
    ['ERROR', 'SEND FAIL', 'none'],
    'Result code when the data of AT+QISEND does not come in time (AT+QICFG="qisend/timeout"); later bytes are commands.',
  ),
  sendexLimit: choice(
    ['bytes', 'chars'],
    'Whether AT+QISENDEX takes up to 512 bytes, or 512 hexadecimal digits.',
  ),
  udpAcked: choice(
    ['none', 'all'],
    'Acknowledged bytes of a UDP socket in the response to AT+QISEND=<id>,0: none, or all that were sent.',
  ),

  // Reading
  readEnd: choice(
    ['line', 'none'],
    'After the data of AT+QIRD: CR LF and then OK on a line of its own; or OK at once.',
  ),
  readAddress: choice(
    ['quoted', 'unquoted', 'missing'],
    'Sender in the response to AT+QIRD of a UDP service: in quotes, without quotes, or missing.',
  ),
  serviceRead: choice(
    ['header', 'bare'],
    'Response to AT+QIRD of a UDP service with a length: as without one, or its data without a header.',
  ),
  readEnded: choice(
    ['data', 'error'],
    'Whether data of a connection that the peer has closed can be read until AT+QICLOSE.',
  ),
  recvInRead: flag(
    false,
    'Whether AT+QIRD that leaves data unread sends +QIURC: "recv" between its data and OK.',
  ),
  recvLatch: choice(
    ['at-last-byte', 'at-empty-read'],
    '+QIURC: "recv" is sent again for data that arrives after the last byte was read, or after a read that found nothing.',
  ),
  datagramRest: choice(
    ['kept', 'lost'],
    'Whether the rest of a datagram that is longer than a read can be read afterwards.',
  ),
  promptUrcs: choice(
    ['held', 'lost'],
    '+QIURC: "recv" during the data of AT+QISEND is sent after it, or not at all.',
  ),

  // Closing and listing
  closeUnknown: choice(['ok', 'error'], 'Response to AT+QICLOSE of a connect id that is not in use.'),
  closeListener: choice(
    ['leaves', 'takes', 'refused'],
    'AT+QICLOSE of a listener leaves its connections open; or closes them; or fails, as for a socket that is opening.',
  ),
  closeDelay: integer(
    0,
    0,
    600_000,
    'Milliseconds that AT+QICLOSE of a connection takes, up to its timeout.',
  ),
  state: choice(
    ['true', 'client-3', 'listener-4', 'incoming-4'],
    'State in AT+QISTATE: as it is; or 3 for clients; or 4 for listeners; or 4 for accepted connections.',
  ),
  stateLocalPort: choice(
    ['real', 'configured', 'zero'],
    'Local port in AT+QISTATE: the one in use, the one that AT+QIOPEN gave, or 0.',
  ),
  stateServer: choice(
    ['own', 'zero'],
    'Server id in AT+QISTATE of a socket that no listener has accepted: its own id, or 0.',
  ),

  // URCs and settings
  tcpipErrors: choice(
    ['bare', 'cme'],
    'Result code of a TCP/IP command that fails: ERROR, or as AT+CMEE says.',
  ),
  urcFollows: choice(
    ['setting', 'opener'],
    'AT port for +QIOPEN and +QIURC: that of AT+QURCCFG, or the one where the socket was opened.',
  ),
  dnsTtl: flag(true, 'Whether +QIURC: "dnsgip" has a time to live.'),
  qicfg: settings('Settings of AT+QICFG at power-on, such as viewmode=1;dataformat=0,1.'),
};
