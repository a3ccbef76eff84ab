import type { Agent } from './run-agent.ts';

/** Looks into the library first, and builds on what is there. */
export const finder: Agent = {
  name: 'finder',
  question: `Who was our best customer in May, and for how much did they order, in euro (rounded)?
See what others have left.`,
  script: {
    programs: [
      `
for found in workflows.search("what customers have ordered"):
    print("workflow:", found["signature"], "-", found["description"])
for entry in artifacts.list():
    print("artifact:", entry.name, "-", entry.description)
`,
      (read) => `
rates = artifacts.load("${/artifact: (\S+)/u.exec(read)?.[1]}")
totals = {}
for order in workflows.${/workflows\.(\w+)\(/u.exec(read)?.[1]}(month=5):
    euro = order["amount"] * rates[order["currency"]]
    totals[order["customer"]] = totals.get(order["customer"], 0) + euro
best = max(totals, key=totals.get)
f"{best}: {totals[best]:.0f}"
`,
    ],
    answer: (read) => {
      const [, customer, euro] = /Result: "(\w+): (\d+)"/u.exec(read) ?? [];
      return `Our best customer in May was ${customer}, who ordered for ${euro} euro.`;
    },
  },
};
