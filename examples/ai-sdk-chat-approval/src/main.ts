import { checkInBrowser } from './check-in-browser.ts';
import { checkOverHttp } from './check-over-http.ts';
import { realModel } from './choose-model.ts';
import { findChromium } from './find-chromium.ts';
import { clearOutput } from './output.ts';
import { say } from './say.ts';

// Checks the page and its server, and ends. For people there is `pnpm run serve`.
say('demo', realModel ?? 'A scripted model writes the programs; with OPENAI_API_KEY set, a real one does.');
await clearOutput();
try {
  await checkOverHttp();
  const chromium = findChromium();
  if (chromium === undefined) {
    say(
      'demo',
      'skipped: the browser part, because no Chromium is on PATH. Install one (Debian: apt-get install chromium).',
    );
  } else {
    await checkInBrowser(chromium);
  }
  say('demo', 'Right: what was approved was ordered once, and nothing else.');
} catch (error) {
  say('demo', `WRONG: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
