/** The bytes that may end a payload: by the manuals, Ctrl-Z sends it and ESC cancels it. */
export const CTRL_Z = 0x1a;
export const ESC = 0x1b;

/** How many bytes come before the first of them. */
export function harmlessRun(data: Buffer): number {
  const ctrlZ = data.indexOf(CTRL_Z);
  const esc = (ctrlZ < 0 ? data : data.subarray(0, ctrlZ)).indexOf(ESC);
  if (esc >= 0) return esc;
  return ctrlZ < 0 ? data.length : ctrlZ;
}
