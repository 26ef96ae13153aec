/** The result of one step of the checklist. */
export interface Finding {
  readonly step: Step;
  readonly verdict: Verdict;
  /** What was found, language-independent: figures, or the module's response. IMEI and ICCID masked. */
  readonly value: string;
  /** What a user can do about it. */
  readonly remedy?: Remedy;
}

export const STEPS = [
  'port',
  'second',
  'at',
  'identity',
  'sim',
  'signal',
  'registration',
  'qfwd',
  'urc',
  'sockets',
] as const;

export type Step = (typeof STEPS)[number];

/** `skip`: an earlier step failed. */
type Verdict = 'ok' | 'warn' | 'fail' | 'skip';

export const REMEDIES = [
  'portOpening',
  'portLocked',
  'portPermission',
  'portMissing',
  'portUnreachable',
  'portOther',
  'portForeign',
  'silent',
  'garbled',
  'lost',
  'otherModule',
  'simNone',
  'simPin',
  'simPuk',
  'signalNone',
  'signalWeak',
  'registrationNone',
  'registrationDenied',
  'qfwdStarting',
  'qfwdMissing',
  'urcSockets',
  'urcModule',
  'urcAll',
  'socketsMissing',
] as const;

export type Remedy = (typeof REMEDIES)[number];
