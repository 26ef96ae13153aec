import { bothWays } from './both-ways';
import { calibrated } from './calibrated';
import { delays, delaysAt921600 } from './delays';
import { forwarding } from './forwarding';
import { idle } from './idle';
import { latency } from './latency';
import { memory } from './memory';
import { overtaking } from './overtaking';
import type { Row } from './row';
import { scanner } from './scanner';
import { sockets } from './sockets';
import { hostile, paced, unpaced } from './throughput';

export const ROWS: readonly Row[] = [
  delays('qfwd'),
  delays('tcpip'),
  delaysAt921600,
  unpaced,
  hostile,
  calibrated,
  paced(115_200),
  paced(921_600),
  bothWays,
  forwarding,
  sockets,
  overtaking,
  latency,
  scanner,
  memory,
  idle,
];
