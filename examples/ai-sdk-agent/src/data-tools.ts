import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { tool } from 'ai';
import { z } from 'zod';

/** Regions by the number the data set gives them. */
const REGIONS = [
  'South Asia',
  'Europe and Central Asia',
  'Sub-Saharan Africa',
  'America',
  'East Asia and Pacific',
  'Middle East and North Africa',
] as const;

interface Row {
  year: number;
  country: string;
  cluster: number;
  pop: number;
  life_expect: number;
  fertility: number;
}

/** What a database across the network would take to answer. */
const LATENCY_MS = 25;

/** Gapminder's figures for 62 countries, 1955 to 2005, as the npm package vega-datasets brings them. */
const rows = JSON.parse(
  await readFile(new URL('../data/gapminder.json', import.meta.resolve('vega-datasets')), 'utf8'),
) as Row[];

/** The tools of the agent: two queries against the data. */
export const dataTools = {
  list_countries: tool({
    description: 'Names of the countries of a region.',
    inputSchema: z.object({ region: z.enum(REGIONS) }),
    outputSchema: z.array(z.string()),
    execute: async ({ region }) => {
      await sleep(LATENCY_MS);
      return countriesOf(region);
    },
  }),
  country_history: tool({
    description:
      'Population, fertility and life expectancy of a country, as a list with one dict for every fifth year.',
    inputSchema: z.object({ country: z.string() }),
    execute: async ({ country }) => {
      await sleep(LATENCY_MS);
      const history = rows.filter((row) => row.country === country);
      if (history.length === 0) throw new Error(`There is no country ${JSON.stringify(country)}; see list_countries.`);
      return history.map(({ country: _, cluster: __, ...figures }) => figures);
    },
  }),
};

/** The right answer, computed without any model: what the agents are measured by. */
export function rightAnswer(first: number, last: number): { country: string; gain: string; region: string } {
  const gainOf = (country: string) => lifeExpectancy(country, last) - lifeExpectancy(country, first);
  const averageOf = (region: string) => {
    const gains = countriesOf(region).map(gainOf);
    return gains.reduce((sum, gain) => sum + gain, 0) / gains.length;
  };
  const country = best(REGIONS.flatMap(countriesOf), gainOf);
  return { country, gain: gainOf(country).toFixed(1), region: best([...REGIONS], averageOf) };
}

function countriesOf(region: string): string[] {
  return [...new Set(rows.filter(({ cluster }) => REGIONS[cluster] === region).map(({ country }) => country))];
}

function lifeExpectancy(country: string, year: number): number {
  return rows.find((row) => row.country === country && row.year === year)?.life_expect ?? Number.NaN;
}

function best(names: string[], score: (name: string) => number): string {
  return names.reduce((a, b) => (score(b) > score(a) ? b : a));
}
