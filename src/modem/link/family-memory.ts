/** The family that a firmware was found to have, in place of the first one, which it lacks. */
export interface FoundFamily {
  readonly firmware: string;
  readonly family: string;
}

/** Where it is kept from one start of the modem to the next. */
export interface FamilyMemory {
  found: FoundFamily | undefined;
}
