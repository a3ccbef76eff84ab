import { judge } from './judge.ts';
import { runAgent } from './run-agent.ts';
import { secondScript } from './second-script.ts';
import { Transcript } from './transcript.ts';

const QUESTION = `From 1960 to 1980, where did people gain most years of life: in which country, and how many (one decimal)?
Which region did best on average? Somebody has worked on this before. Answer in one sentence.`;

const transcript = new Transcript(process.stdout);
transcript.say('demo', `A second process has started (${process.pid}), on the same store.`);
const startedAt = new Date().toISOString();
const { answer, workflows } = await runAgent({ question: QUESTION, script: secondScript, transcript });

// The answer alone does not tell whether it was computed anew.
const used = workflows.filter(({ stats }) => stats.lastRunAt !== undefined && stats.lastRunAt >= startedAt);
for (const { name, stats } of used) transcript.say('demo', `The store counts ${stats.runs} runs of ${name}.`);
judge(transcript, { answer, years: [1960, 1980], missing: used.length > 0 ? [] : ['a call of the saved workflow'] });
