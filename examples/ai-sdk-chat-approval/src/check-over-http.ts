import { realModel } from './choose-model.ts';
import { ConversationClient, type Reply } from './conversation-client.ts';
import { expect } from './expect.ts';
import { say } from './say.ts';
import { script } from './script.ts';
import { soonestFirst } from './shop.ts';
import { startServer } from './start-server.ts';

const [chart, order, orderNext] = script.map(({ question }) => question) as [string, string, string];
const [first = ''] = soonestFirst();

/** Talks to the server as the page does, and tries what the page never does. @throws Error when something is wrong */
export async function checkOverHttp(): Promise<void> {
  await using server = await startServer(0);
  const made = () => JSON.stringify(server.orders);
  const ann = new ConversationClient(server.url);
  const bob = new ConversationClient(server.url);

  const drawn = await ann.send({ text: chart });
  expect(drawn.text.join('').includes(first), `The answer should name ${first}: ${drawn.text.join('')}`);
  expect(drawn.text.length > 1, 'The answer should come in pieces.');
  expect(drawn.images.length > 0, 'There should be a chart.');
  expect(drawn.printed !== '' || realModel !== undefined, 'What Python prints should be in the stream.');
  say('http', 'The answer came in pieces, what Python printed and drew with it.');

  const asked = await ann.send({ text: order });
  const { approvalId = '', reason = '' } = asked.request ?? {};
  expect(
    reason.includes('tools.order(') && reason.includes(first),
    `It should ask for an order of ${first}: ${reason}`,
  );
  expect(asked.printed !== '' || realModel !== undefined, 'What the waiting program has printed should be there.');
  say('http', `Python waits at ${reason}`);
  for (const [who, message, status] of [
    [bob, { approvalId, approved: true }, 409],
    [ann, { approvalId: 'another', approved: true }, 409],
    [ann, { text: 'Never mind.' }, 409],
    [ann, { text: '' }, 400],
  ] as const) {
    const reply = await who.send(message);
    expect(reply.status === status, `${JSON.stringify(message)} should be refused, got ${reply.status}.`);
  }
  expect(made() === '[]', `Nothing should be ordered without a yes: ${made()}`);

  const wanted = JSON.stringify([{ coffee: first, kilos: 40 }]);
  await decideAll(ann, asked, true);
  expect(made() === wanted, `The order should be made once: ${made()}`);
  const again = await ann.send({ approvalId, approved: true });
  expect(again.status === 409 && made() === wanted, 'A second yes should be refused.');
  say('http', `Approved: ${made()}. Of Bob, a wrong one and a second one, no yes was taken.`);

  const other = await bob.send({ text: order });
  expect(other.printed.includes('NameError') || realModel !== undefined, "Bob should not have Ann's variables.");
  await decideAll(ann, await ann.send({ text: orderNext }), false);
  expect(made() === wanted, `Nothing more should be ordered: ${made()}`);
  say('http', "Denied: nothing more was ordered, and Bob's Python knows nothing of Ann's variables.");
}

/** A real model may ask more than once. */
async function decideAll(client: ConversationClient, reply: Reply, approved: boolean): Promise<void> {
  for (let { request } = reply; request; ) ({ request } = await client.send({ ...request, approved }));
}
