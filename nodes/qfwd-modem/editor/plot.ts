/** A live plot of the payload that goes in and out, one value a second. */
import { element } from '../../editor/dom';
import { bytes, plotPoints, type Rates, ratesBetween, type Reading, scaleFor } from './figures';
import { say } from './say';

const ROOM = 60;
const WIDTH = 240;
const HEIGHT = 40;
const SVG = 'http://www.w3.org/2000/svg';
type Shape = 'svg' | 'polyline';

export class Plot {
  readonly element: HTMLElement;
  private readonly top = element('span');
  private readonly picture = svg('svg', {
    class: 'qfwd-plot',
    role: 'img',
    viewBox: `-1 -2 ${WIDTH + 2} ${HEIGHT + 4}`,
    preserveAspectRatio: 'none',
  });
  private readonly lines = { in: polyline('qfwd-in'), out: polyline('qfwd-out') };
  private readonly rates: Rates[] = [];
  private last: Reading | undefined;

  constructor() {
    this.picture.append(this.lines.in, this.lines.out);
    const scale = element(
      'div',
      { class: 'qfwd-scale', 'aria-hidden': 'true' },
      this.top,
      element('span', {}, '0'),
    );
    this.element = element('div', { class: 'qfwd-plot-area' }, scale, this.picture);
  }

  /** @returns the current rates as text */
  add(reading: Reading): { in: string; out: string } {
    const now = this.last ? ratesBetween(this.last, reading) : { in: 0, out: 0 };
    this.last = reading;
    this.rates.push(now);
    if (this.rates.length > ROOM) this.rates.shift();
    const most = Math.max(...this.rates.map((rates) => Math.max(rates.in, rates.out)));
    const scale = scaleFor(most);
    this.top.textContent = perSecond(scale);
    for (const direction of ['in', 'out'] as const) {
      const values = this.rates.map((rates) => rates[direction]);
      const points = plotPoints(values, { width: WIDTH, height: HEIGHT, most: scale, room: ROOM });
      this.lines[direction].setAttribute('points', points);
    }
    const figures = { in: perSecond(now.in), out: perSecond(now.out), most: perSecond(most) };
    this.picture.setAttribute('aria-label', say('sidebar.plot', figures));
    return figures;
  }
}

function perSecond(rate: number): string {
  return `${bytes(Math.round(rate))}/s`;
}

function polyline(style: string): SVGElement {
  return svg('polyline', { class: style, fill: 'none', 'vector-effect': 'non-scaling-stroke' });
}

function svg(name: Shape, attributes: Readonly<Record<string, string>>): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
