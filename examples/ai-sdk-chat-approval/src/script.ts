/** A question of the user, and what a model once made of it. */
export interface Turn {
  question: string;
  program: string;
  /** The answer, from what the model has read of its program. */
  answer(read: string): string;
}

/** Kept so that the example runs without a key. The page offers these questions. */
export const script: Turn[] = [
  {
    question: 'How long will each coffee last? Draw a chart.',
    program: `
from collections import Counter
from html import escape

sold = Counter()
for shop in ["Oslo", "Bergen", "Tromsø"]:
    week = tools.sales(shop=shop)
    print(f"{shop}: {sum(week.values())} kg sold last week")
    sold.update(week)
days = {coffee: round(kilos / sold[coffee] * 7, 1) for coffee, kilos in tools.stock().items()}
days = dict(sorted(days.items(), key=lambda item: item[1]))

class BarChart:
    """Bars as SVG, with nothing but the standard library."""

    def __init__(self, title, bars):
        self.title, self.bars = title, bars

    def __repr__(self):
        return f"{self.title}: " + ", ".join(f"{name} {value}" for name, value in self.bars.items())

    def _repr_svg_(self):
        scale = 380 / max(self.bars.values())
        rows = "".join(
            f'<text x="112" y="{70 + 40 * i}" text-anchor="end">{escape(name)}</text>'
            f'<rect x="124" y="{50 + 40 * i}" width="{value * scale:.0f}" height="28" rx="4" '
            f'fill="{"#c2410c" if value < 7 else "#0f766e"}"/>'
            f'<text x="{132 + value * scale:.0f}" y="{70 + 40 * i}" font-weight="bold">{value}</text>'
            for i, (name, value) in enumerate(self.bars.items()))
        return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 560 {60 + 40 * len(self.bars)}" '
                f'width="560" font-family="sans-serif" font-size="15" fill="#1c1917">'
                f'<text x="12" y="28" font-size="17" font-weight="bold">{escape(self.title)}</text>{rows}</svg>')

display(BarChart("Days until the store is empty", days))
days
`,
    answer: (read) => {
      const found = Object.entries(lastResult<Record<string, number>>(read) ?? {});
      const [first, second] = found;
      if (!first || !second) return 'I could not find out.';
      return `${first[0]} runs out first, in ${first[1]} days. ${second[0]} is next, in ${second[1]} days; the other ${found.length - 2} last longer.`;
    },
  },
  {
    question: 'Order 40 kg of the one that runs out first.',
    // The figures are still there: the conversation has a session of its own.
    program: `
coffee = min(days, key=days.get)
print(f"{coffee} lasts {days[coffee]} days, ordering 40 kg")
receipt = tools.order(coffee=coffee, kilos=40)
print("Receipt", receipt["number"])
receipt
`,
    answer: ordered,
  },
  {
    question: 'Order 900 kg of the one that runs out next.',
    program: `
coffee = sorted(days, key=days.get)[1]
print(f"{coffee} lasts {days[coffee]} days, ordering 900 kg")
tools.order(coffee=coffee, kilos=900)
`,
    answer: ordered,
  },
];

function ordered(read: string): string {
  const receipt = lastResult<{ number: string; coffee: string; kilos: number }>(read);
  return receipt
    ? `Done: ${receipt.kilos} kg of ${receipt.coffee} are on their way, order ${receipt.number}.`
    : `Nothing was ordered. ${read.trim().split('\n').at(-1)}`;
}

function lastResult<Result>(read: string): Result | undefined {
  const [, json] = /Result: (\{.*\})$/u.exec(read) ?? [];
  return json === undefined ? undefined : (JSON.parse(json) as Result);
}
