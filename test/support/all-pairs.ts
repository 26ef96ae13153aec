/**
 * Choices of one value for each parameter, few enough to be tried, such that any two values of different parameters are
 * together in one of them, unless they are not possible together.
 */
export function allPairs<Value>(
  parameters: readonly (readonly Value[])[],
  isPossible: (some: readonly Value[]) => boolean,
): Value[][] {
  const missing = pairsOf(parameters).filter((pair) => isPossible(pair));
  const choices: Value[][] = [];
  for (let [pair] = missing; pair; [pair] = missing) {
    const chosen = [...pair];
    const covers = ([one, other]: readonly [Value, Value]) => chosen.includes(one) && chosen.includes(other);
    for (const values of parameters.filter((all) => !all.some((value) => chosen.includes(value)))) {
      const ranked = values
        .filter((value) => isPossible([...chosen, value]))
        .map((value) => ({ value, gain: missing.filter((it) => gains(it, value, chosen)).length }))
        .sort((one, other) => other.gain - one.gain);
      if (ranked[0]) chosen.push(ranked[0].value);
    }
    choices.push(chosen);
    const left = missing.filter((it) => !covers(it));
    missing.splice(0, missing.length, ...left);
  }
  return choices;
}

function gains<Value>(
  [one, other]: readonly [Value, Value],
  value: Value,
  chosen: readonly Value[],
): boolean {
  return (one === value && chosen.includes(other)) || (other === value && chosen.includes(one));
}

function pairsOf<Value>(parameters: readonly (readonly Value[])[]): (readonly [Value, Value])[] {
  return parameters.flatMap((values, at) =>
    parameters
      .slice(at + 1)
      .flatMap((others) => values.flatMap((value) => others.map((other) => [value, other] as const))),
  );
}
