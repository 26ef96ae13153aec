/** Runs worlds, and makes those that fail small. */
import type { IncidentName } from './incidents';
import { type Plan, planOf } from './plan';
import { SimulationClock } from './simulation-clock';
import { World } from './world';

export interface Run {
  readonly plan: Plan;
  readonly violations: readonly string[];
  readonly trace: readonly string[];
  /** Incidents that have changed something. */
  readonly occurred: ReadonlySet<IncidentName>;
  /** Virtual time, in ms. */
  readonly time: number;
}

export async function run(plan: Plan): Promise<Run> {
  const clock = new SimulationClock();
  return clock.run(async () => {
    const world = new World(plan, clock);
    try {
      await world.live();
    } catch (error) {
      world.ledger.breach(error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
    const { ledger, trace, occurred } = world;
    return { plan, violations: ledger.violations, trace, occurred, time: clock.now() };
  });
}

/** Leaves out what is not needed for the failure, one part after the other. */
export async function shrink(failed: Run): Promise<Run> {
  let smallest = failed;
  for (const part of ['incidents', 'visits'] as const) {
    for (let index = smallest.plan[part].length - 1; index >= 0; index--) {
      const plan = { ...smallest.plan, [part]: smallest.plan[part].filter((_, at) => at !== index) };
      const again = await run(plan);
      if (again.violations.length > 0) smallest = again;
    }
  }
  return smallest;
}

export function runSeed(seed: number): Promise<Run> {
  return run(planOf(seed));
}
