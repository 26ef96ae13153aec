/** The state of a module and its network for dashboards and fleets, asked through the queue of the modem. */
import { type Ask, asking, type Channel, type Clock, plainCommand } from '../../at';
import type { CurrentLink } from '../link/current-link';
import { nameIn } from '../link/name-line';
import { askRegistration, isRegistered } from '../link/registration';
import { addressOf } from './address';
import { type Operator, operatorOfCops, operatorOfQnwinfo } from './operator';
import { rssiOf, type Signal, signalOf } from './signal';

/** What the module does not report is missing. */
export interface ModuleStatus extends Operator {
  /** AT+CGMM, AT+CGMR */
  readonly model?: string;
  readonly firmware?: string;
  readonly signal?: Signal;
  readonly registered?: boolean;
  /** The address of the PDP context in use. */
  readonly ip?: string;
}

export interface StatusHost {
  readonly clock: Clock;
  readonly current: CurrentLink;
  /** The PDP context of sockets; 0 = the default of the socket commands. */
  readonly pdpCid: number;
}

/** An answer is used this long for further questions, in ms. */
const LEAST_PAUSE = 1000;

type Identity = Pick<ModuleStatus, 'model' | 'firmware'>;

interface Asked {
  readonly channel: Channel;
  readonly answer: Promise<ModuleStatus>;
  /** Time of the answer; `undefined` while the module is asked. */
  at?: number;
}

export class StatusReader {
  private asked: Asked | undefined;
  /** Does not change while the port is open. */
  private readonly identities = new WeakMap<Channel, Identity>();

  constructor(private readonly host: StatusHost) {}

  /** Asks the module, at most once a second. Empty if it does not answer. Never rejects. */
  read(): Promise<ModuleStatus> {
    const { clock, current } = this.host;
    const { channel } = current;
    if (!channel || !current.isInStep) return Promise.resolve({});
    const { asked } = this;
    const isRecent = asked?.at === undefined || clock.now() - asked.at < LEAST_PAUSE;
    if (asked?.channel === channel && isRecent) return asked.answer;
    const next: Asked = {
      channel,
      answer: this.ask(channel).then((status) => {
        next.at = clock.now();
        return status;
      }),
    };
    this.asked = next;
    return next.answer;
  }

  /** The PDP context of sockets; 0 = any. */
  private get pdpCid(): number {
    const { current, pdpCid } = this.host;
    return pdpCid === 0 ? (current.session?.commands.limits.defaultContext ?? 0) : pdpCid;
  }

  private async ask(channel: Channel): Promise<ModuleStatus> {
    const ask = asking((command) => channel.execute(command));
    const found: ModuleStatus[] = [];
    const steps = [
      () => this.identity(channel, ask),
      () => signal(ask),
      () => operator(ask),
      () => registration(ask),
      () => address(ask, this.pdpCid),
    ];
    try {
      for (const step of steps) found.push(await step());
    } catch {
      // The module no longer answers: what it said before counts.
    }
    return Object.assign({}, ...found) as ModuleStatus;
  }

  private async identity(channel: Channel, ask: Ask): Promise<Identity> {
    const known = this.identities.get(channel);
    if (known) return known;
    const [model, firmware] = [await nameOf(ask, 'AT+CGMM'), await nameOf(ask, 'AT+CGMR')];
    const identity = { ...(model && { model }), ...(firmware && { firmware }) };
    if (model && firmware) this.identities.set(channel, identity);
    return identity;
  }
}

async function signal(ask: Ask): Promise<ModuleStatus> {
  const line = await lineOf(ask, 'AT+QCSQ', '+QCSQ:');
  const found = line === undefined ? {} : signalOf(line);
  if (found.rssi !== undefined) return { signal: found };
  const coarse = await lineOf(ask, 'AT+CSQ', '+CSQ:');
  const rssi = coarse === undefined ? undefined : rssiOf(coarse);
  const whole = { ...found, ...(rssi !== undefined && { rssi }) };
  return Object.keys(whole).length > 0 ? { signal: whole } : {};
}

async function operator(ask: Ask): Promise<Operator> {
  const detailed = await lineOf(ask, 'AT+QNWINFO', '+QNWINFO:');
  const cops = await lineOf(ask, 'AT+COPS?', '+COPS:');
  const number = detailed === undefined ? {} : operatorOfQnwinfo(detailed);
  const name = cops === undefined ? {} : operatorOfCops(cops);
  const technology = number.technology ?? name.technology;
  return { ...number, ...name, ...(technology && { technology }) };
}

async function registration(ask: Ask): Promise<ModuleStatus> {
  const found = await askRegistration((text, prefix) => ask(plainCommand(text, [prefix])));
  return found.length > 0 ? { registered: found.some(isRegistered) } : {};
}

async function address(ask: Ask, pdpCid: number): Promise<ModuleStatus> {
  const ip = addressOf((await ask(plainCommand('AT+CGPADDR', ['+CGPADDR:']))) ?? [], pdpCid);
  return ip === undefined ? {} : { ip };
}

/** The last line with the prefix: earlier ones may be URCs. */
async function lineOf(ask: Ask, text: string, prefix: string): Promise<string | undefined> {
  return (await ask(plainCommand(text, [prefix])))?.at(-1);
}

async function nameOf(ask: Ask, text: string): Promise<string | undefined> {
  return nameIn(await ask({ text, isRepeatable: true, decode: (answer) => answer.lines }), text);
}
