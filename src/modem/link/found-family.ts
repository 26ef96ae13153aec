/** The family that a firmware was found to have, in place of the first one, which it lacks. */
export interface FoundFamily {
  readonly firmware: string;
  readonly family: string;
}

export function isFoundFamily(value: unknown): value is FoundFamily {
  const { family, firmware } = Object(value) as Partial<FoundFamily>;
  return typeof family === 'string' && typeof firmware === 'string';
}
