/** Moments as text, in the time zone of the browser. Pure. */

/** Such as `09:05:07.042`; with the date before it unless that is the day of `now`. Both in ms since 1970. */
export function momentOf(moment: number, now: number): string {
  const [date, time] = partsOf(moment);
  const [today] = partsOf(now);
  return date === today ? time : `${date} ${time}`;
}

function partsOf(moment: number): [date: string, time: string] {
  const at = new Date(moment);
  const date = [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((part) => padded(part, 2)).join('-');
  const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map((part) => padded(part, 2)).join(':');
  return [date, `${time}.${padded(at.getMilliseconds(), 3)}`];
}

function padded(part: number, digits: number): string {
  return String(part).padStart(digits, '0');
}
