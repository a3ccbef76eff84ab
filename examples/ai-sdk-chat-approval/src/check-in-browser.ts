import { chromium, type Page } from 'playwright-core';
import { realModel } from './choose-model.ts';
import { expect } from './expect.ts';
import { outputFile } from './output.ts';
import { say } from './say.ts';
import { script } from './script.ts';
import { soonestFirst } from './shop.ts';
import { startServer } from './start-server.ts';

const [chart, order, orderNext] = script.map(({ question }) => question) as [string, string, string];
const [first = ''] = soonestFirst();

/** It talks to this machine only; as root it has no sandbox of its own. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Uses the page as a person does, in a Chromium with an empty profile. @throws Error when something is wrong */
export async function checkInBrowser(executablePath: string): Promise<void> {
  await using server = await startServer(0);
  const made = () => JSON.stringify(server.orders);
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  try {
    const page = await browser.newPage({ viewport: { width: 900, height: 860 }, deviceScaleFactor: 1.5 });
    page.setDefaultTimeout(realModel === undefined ? 60_000 : 240_000);
    const problems: string[] = [];
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto(server.url);

    await ask(page, chart);
    await answered(page);
    const image = page.locator('img').last();
    // Fails when it is no image.
    await image.evaluate((img: { decode(): Promise<void> }) => img.decode());
    const description = (await image.getAttribute('alt')) ?? '';
    expect(description.includes(first), `The chart should be described: ${description}`);
    const pieces = await page
      .locator('.answer')
      .last()
      .evaluate(({ childNodes }) => childNodes.length);
    expect(pieces > 1, 'The answer should come in pieces.');
    say('browser', `The chart is there ("${description}"), and an answer in ${pieces} pieces.`);

    await ask(page, order);
    const call = await asked(page);
    expect(call.includes('tools.order(') && call.includes(first), `The dialog should show the order: ${call}`);
    // The program stands still, so this was streamed.
    const printed = (await page.locator('.output').last().textContent()) ?? '';
    expect(printed.includes(first) || realModel !== undefined, `Python's output should be there: ${printed}`);
    expect(made() === '[]', `Nothing should be ordered without a yes: ${made()}`);
    await screenshot(page, 'dialog.png');
    await decide(page, 'Approve');
    const wanted = JSON.stringify([{ coffee: first, kilos: 40 }]);
    expect(made() === wanted, `The order should be made once: ${made()}`);
    say('browser', `The dialog showed ${call}\nApproved: ${made()}.`);

    await ask(page, orderNext);
    const next = await asked(page);
    await decide(page, 'Deny');
    expect(made() === wanted, `Nothing more should be ordered: ${made()}`);
    say('browser', `The dialog showed ${next}\nDenied: nothing more was ordered.`);
    await screenshot(page, 'conversation.png', true);
    expect(problems.length === 0, `The page should have no errors: ${problems.join('; ')}`);
  } finally {
    await browser.close();
  }
}

async function ask(page: Page, question: string): Promise<void> {
  await page.getByRole('button', { name: question }).click();
  await page.locator('.user', { hasText: question }).waitFor();
}

async function answered(page: Page): Promise<void> {
  await page.locator('[role=log][aria-busy=false]').waitFor();
}

/** The call that the dialog shows. */
async function asked(page: Page): Promise<string> {
  const dialog = page.getByRole('dialog', { name: 'Allow this call?' });
  await dialog.waitFor();
  return (await dialog.locator('#approval-call').textContent()) ?? '';
}

/** A real model may ask more than once. */
async function decide(page: Page, button: 'Approve' | 'Deny'): Promise<void> {
  const done = page.locator('[role=log][aria-busy=false]');
  const dialog = page.locator('dialog[open]');
  while (await dialog.isVisible()) {
    await page.getByRole('button', { name: button, exact: true }).click();
    await done.or(dialog).first().waitFor();
  }
}

async function screenshot(page: Page, name: string, fullPage = false): Promise<void> {
  const { path, shown } = outputFile(name);
  await page.screenshot({ path, fullPage });
  say('browser', `Screenshot: ${shown}`);
}
