/**
 * Time limits of commands that depend on the network, in seconds: the "maximum response time" in the manuals of EC21,
 * EC25 and EC20 (AT Commands Manual, TCP/IP AT Commands Manual). All other commands answer within 5 s.
 */
const SECONDS: ReadonlyMap<string, number> = new Map([
  ['CFUN', 15],
  ['CLIP', 15],
  ['CLIR', 15],
  ['COLP', 15],
  ['QIDEACT', 40],
  ['QIDNSGIP', 60],
  ['CMSS', 120],
  ['CUSD', 120],
  ['CGATT', 140],
  ['CGACT', 150],
  ['QIACT', 150],
  ['COPS', 180],
]);

/** In ms; `undefined` for a command that answers within the usual time. */
export function answerTime(command: string): number | undefined {
  const [, name = ''] = /^AT\s*\+\s*(\w+)/i.exec(command) ?? [];
  const seconds = SECONDS.get(name.toUpperCase());
  return seconds === undefined ? undefined : seconds * 1000;
}
