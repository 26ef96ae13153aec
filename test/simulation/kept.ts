import { partOf, type Plan, planOf } from './plan';

/**
 * Seeds that failed before something was mended, with their incidents: those that are added later would change what happens.
 */
export interface KeptWorld {
  readonly seed: number;
  /** What it has found. */
  readonly found: string;
  /** Labels. */
  readonly incidents: readonly string[];
  readonly visits: readonly string[];
}

/** Options of the simulator that are drawn since then, with what they were. */
const BEFORE = { commandUrcs: 'sent', joined: 'executed', mostJoined: 0 } as const;

export function planOfKept({ seed, incidents, visits }: KeptWorld): Plan {
  const plan = partOf(planOf(seed), { incidents, visits });
  return {
    ...plan,
    simulator: { ...plan.simulator, ...BEFORE },
    visits: plan.visits.map((it) => ({ ...it, bulk: 0 })),
  };
}

/** Those without a label of an incident. */
const NUMBERED = Array.from({ length: 40 }, (_, number) => String(number));

export const KEPT: readonly KeptWorld[] = [
  {
    seed: 19,
    found: 'data cut on the line, which took in the result code',
    incidents: [
      'one port lost (2)',
      'Node-RED stops and starts (2)',
      'context lost',
      'text (2)',
      'result lost (2)',
      'result lost',
      'answer to a payload lost (2)',
      'nodes are deployed',
      'settings are changed',
      'slow (2)',
      'datagrams lost',
      'mute',
      'data cut (2)',
    ],
    visits: NUMBERED,
  },
  {
    seed: 43,
    found: 'a whole answer with a datagram lost on the line',
    incidents: [
      'restart of the module, not told (2)',
      'result garbled (2)',
      'SIM out and in',
      'result doubled',
      'data lost (2)',
      'data lost',
      'answer to a payload lost',
    ],
    visits: NUMBERED,
  },
  {
    seed: 160,
    found: 'a socket id closed twice, the second time for the next connection',
    incidents: ['restart of the module', 'data cut', 'data lost', 'data lost (2)'],
    visits: NUMBERED,
  },
  {
    seed: 183,
    found: 'the end of a client, of which no opening was told',
    incidents: ['result lost (2)'],
    visits: NUMBERED,
  },
  {
    seed: 230,
    found: 'the same, behind the answer to a payload',
    incidents: [
      'result lost (2)',
      'answer to a payload lost (2)',
      'restart of the module, not told (2)',
      'datagrams lost (2)',
      'information lost',
      'deaf (2)',
    ],
    visits: NUMBERED,
  },
  {
    seed: 280,
    found: 'a whole answer to a request lost on the line',
    incidents: ['data lost (2)', 'slow', 'mute', 'in pieces (2)', 'settings are changed', 'unplugged'],
    visits: NUMBERED,
  },
  {
    seed: 465,
    found: 'the same, of the first data of a connection',
    incidents: [
      'nodes are deployed',
      'data lost (2)',
      'restart of the module',
      'text (2)',
      'restart of the module (2)',
      'data lost',
      'URC lost',
    ],
    visits: NUMBERED,
  },
  {
    seed: 1025,
    found: 'data cut on the line, read on request',
    incidents: [
      'information doubled (2)',
      'slow',
      'Node-RED stops and starts',
      'answer to a payload lost (2)',
      'commands lost',
      'URC garbled',
      'in pieces (2)',
      'result garbled (2)',
      'restart of the module (2)',
      'answer to a payload lost',
      'data cut (2)',
    ],
    visits: NUMBERED,
  },
  {
    seed: 1034,
    found: 'a lost PDP context, of which only the error of an open command tells',
    incidents: [
      'slow (2)',
      'answer to a payload lost',
      'datagrams lost (2)',
      'mute',
      'context lost',
      'in pieces',
    ],
    visits: NUMBERED,
  },
  {
    seed: 1891,
    found: 'a client that is adopted, without its port, after one of which no opening was told',
    incidents: ['URC garbled', 'in pieces (2)', 'commands lost', 'nodes are deployed'],
    visits: NUMBERED,
  },
  {
    seed: 3072,
    found: 'the end of a client whose session ended before its opening was told',
    incidents: [
      'prompt lost (2)',
      'data cut',
      'information lost (2)',
      'prompt lost',
      'commands lost (2)',
      'URC lost (2)',
      'information doubled',
      'nodes are deployed (2)',
      'slow',
      'data lost (2)',
    ],
    visits: NUMBERED,
  },
  {
    seed: 850,
    found: 'the answer to a command of another program, taken for that of a firmware with other commands',
    incidents: ['Node-RED stops and starts (2)', 'unplugged', 'another program writes (2)'],
    visits: [],
  },
  {
    seed: 5275,
    found: 'an ERROR in payload behind a changed header, taken for the result code',
    incidents: ['data header changed (2)'],
    visits: ['commands lost (2)'],
  },
  {
    seed: 1206,
    found:
      'two servers that a deploy closed, with their connections, where the list of the module shows no local ports',
    incidents: ['nodes are deployed (2)'],
    visits: ['nodes are deployed (2)'],
  },
  {
    seed: 2121,
    found: 'an opening that went on after its owner had returned, while the PDP context was activated',
    incidents: ['ports of servers taken (2)', 'Node-RED stops and starts'],
    visits: [],
  },
];
