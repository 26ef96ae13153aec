import { idle, memory } from './rest';
import type { Row } from './row';
import { scanner } from './scanner';
import { latency, overtaking, sockets } from './sockets';
import { hostile, paced, unpaced } from './throughput';

export const ROWS: readonly Row[] = [
  unpaced,
  hostile,
  paced(115_200),
  paced(921_600),
  sockets,
  overtaking,
  latency,
  scanner,
  memory,
  idle,
];
