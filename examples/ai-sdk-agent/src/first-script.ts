import type { Script } from './scripted-model.ts';
import { sentence } from './sentence.ts';

/** The first agent works it out, makes a mistake on the way, and keeps what worked. */
export const firstScript: Script = {
  programs: [
    `
regions = ["South Asia", "Europe and Central Asia", "Sub-Saharan Africa", "America",
           "East Asia and Pacific", "Middle East and North Africa"]
countries = {}
for region in regions:
    countries[region] = tools.list_countries(region=region)
    print(f"{region}: {len(countries[region])} countries")
`,
    // It guesses the name of a column, and guesses wrong.
    `
import asyncio

names = [name for group in countries.values() for name in group]
histories = dict(zip(names, await asyncio.gather(*(tools.country_history(country=name) for name in names))))
print(f"{len(histories)} histories, one row: {histories[names[0]][0]}")

def gain(name):
    by_year = {row["year"]: row["life_expectancy"] for row in histories[name]}
    return by_year[2005] - by_year[1955]

max(names, key=gain)
`,
    // It has read the traceback. The histories are still there.
    `
from statistics import mean

def gain(name):
    by_year = {row["year"]: row["life_expect"] for row in histories[name]}
    return by_year[2005] - by_year[1955]

top = sorted(names, key=gain, reverse=True)[:5]
by_region = {region: mean(map(gain, group)) for region, group in countries.items()}
region = max(by_region, key=by_region.get)
{"country": top[0], "gain": round(gain(top[0]), 1), "region": region, "average": round(by_region[region], 1)}
`,
    `
class BarChart:
    """Bars as SVG, with nothing but the standard library."""

    def __init__(self, title, bars):
        self.title, self.bars = title, bars

    def _repr_svg_(self):
        scale = 320 / max(value for _, value in self.bars)
        rows = "".join(
            f'<text x="110" y="{62 + 34 * i}" text-anchor="end">{name}</text>'
            f'<rect x="120" y="{45 + 34 * i}" width="{value * scale:.0f}" height="24" fill="#4c78a8"/>'
            f'<text x="{126 + value * scale:.0f}" y="{62 + 34 * i}">{value:+.1f}</text>'
            for i, (name, value) in enumerate(self.bars))
        return (f'<svg xmlns="http://www.w3.org/2000/svg" width="500" height="{50 + 34 * len(self.bars)}" '
                f'font-family="sans-serif" font-size="14"><text x="10" y="24" font-weight="bold">{self.title}</text>{rows}</svg>')

display(BarChart("Years of life expectancy gained, 1955 to 2005", [(name, gain(name)) for name in top]))
`,
    // It keeps what worked, for other years, and tries it.
    `
workflows.create("life_expectancy_gains", '''
async def run(first: int, last: int) -> dict:
    """The country and the region where life expectancy rose most between two years.

    Args:
        first: The year to start from; there are figures for every fifth one, 1955 to 2005.
        last: The year to compare with.
    """
    import asyncio
    from statistics import mean

    async def gain(country):
        history = await tools.country_history(country=country)
        by_year = {row["year"]: row["life_expect"] for row in history}
        return by_year[last] - by_year[first]

    regions = ["South Asia", "Europe and Central Asia", "Sub-Saharan Africa", "America",
               "East Asia and Pacific", "Middle East and North Africa"]
    groups = await asyncio.gather(*(tools.list_countries(region=region) for region in regions))
    names = [name for group in groups for name in group]
    gains = dict(zip(names, await asyncio.gather(*map(gain, names))))
    country = max(gains, key=gains.get)
    by_region = {region: mean(gains[name] for name in group) for region, group in zip(regions, groups)}
    region = max(by_region, key=by_region.get)
    return {"country": country, "gain": round(gains[country], 1),
            "region": region, "average": round(by_region[region], 1)}
''')
workflows.life_expectancy_gains(first=1955, last=2005)
`,
  ],
  answer: (read) => sentence(read, 1955, 2005),
};
