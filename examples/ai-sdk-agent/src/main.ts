import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { realModel } from './choose-model.ts';
import { rightAnswer } from './data-tools.ts';
import { firstScript } from './first-script.ts';
import { judge } from './judge.ts';
import { clearOutput, saveOutput } from './output.ts';
import { runAgent } from './run-agent.ts';
import { Transcript } from './transcript.ts';

const QUESTION = `In which country did life expectancy rise most from 1955 to 2005, and by how many years (one decimal)?
In which region was the average rise of its countries largest?
Show a bar chart of the five largest rises: display() an object with _repr_svg_.
Save your program as a workflow, with the two years as parameters, and try it. Then answer in one sentence.`;

const transcript = new Transcript(process.stdout);
transcript.say(
  'demo',
  realModel === undefined
    ? 'A scripted model writes the programs; with OPENAI_API_KEY set, a real one does.'
    : `${realModel} writes the programs.`,
);
await clearOutput();
let chart = '';
const { answer, workflows } = await runAgent({
  question: QUESTION,
  script: firstScript,
  transcript,
  onEvent: (event) => {
    if (event.type === 'display') chart = event.display.data['image/svg+xml'] ?? chart;
  },
});

if (chart !== '') transcript.say('demo', `The chart is in ${await saveOutput('life-expectancy.svg', chart)}`);
const missing = [
  ...(chart.startsWith('<svg') && chart.includes(rightAnswer(1955, 2005).country) ? [] : ['the chart']),
  ...(workflows.some(({ stats }) => stats.runs > stats.failures) ? [] : ['a workflow that runs']),
];
if (judge(transcript, { answer, years: [1955, 2005], missing })) await runSecondAgent();

/** A process of its own: it shares nothing with this one but the folder of the store. */
async function runSecondAgent(): Promise<void> {
  const program = fileURLToPath(new URL('./second-agent.ts', import.meta.url));
  const [exitCode] = await once(spawn(process.execPath, [...process.execArgv, program], { stdio: 'inherit' }), 'exit');
  process.exitCode = exitCode ?? 1;
}
