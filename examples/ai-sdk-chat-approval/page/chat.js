const log = document.querySelector('#log');
const form = document.querySelector('#form');
const dialog = document.querySelector('#approval');
const address = `conversations/${crypto.randomUUID()}`;

/** The elements of each run of Python, by its id. */
const runs = new Map();
/** The program of each call of runCode, by the SDK's id. */
const programs = new Map();

form.addEventListener('submit', (event) => {
  event.preventDefault();
  const { text } = form.elements;
  void ask(text.value);
  text.value = '';
});

for (const question of await (await fetch('questions')).json()) {
  const button = add(document.querySelector('#questions'), 'button', '', question);
  button.type = 'button';
  button.addEventListener('click', () => void ask(question));
}

/** One question, with the decisions that it needs. */
async function ask(text) {
  add(log, 'p', 'user', text);
  setBusy(true);
  try {
    let request = await send({ text });
    while (request) request = await send({ approvalId: request.approvalId, approved: await decide(request) });
  } catch (error) {
    add(log, 'p', 'error', String(error));
  }
  setBusy(false);
}

/** Shows what comes back. Returns the approval request it ends with, if any. */
async function send(message) {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(address, { method: 'POST', headers, body: JSON.stringify(message) });
  if (!response.ok) throw new Error(await response.text());
  let request;
  let answer;
  for await (const chunk of chunks(response.body)) {
    if (chunk.type === 'text-start') answer = add(log, 'p', 'answer');
    if (chunk.type === 'text-delta') answer.append(chunk.delta);
    if (chunk.type === 'data-python') showPython(chunk.data);
    if (chunk.type === 'tool-input-available') programs.set(chunk.toolCallId, chunk.input.code);
    if (chunk.type === 'tool-approval-request' && !chunk.isAutomatic) request = chunk;
    if (chunk.type === 'error') add(log, 'p', 'error', chunk.errorText);
    window.scrollTo(0, document.body.scrollHeight);
  }
  return request;
}

/** The chunks of the AI SDK's stream: a JSON document after each `data:`. */
async function* chunks(body) {
  let rest = '';
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const events = (rest + text).split('\n\n');
    rest = events.pop();
    for (const event of events) if (event.startsWith('data: {')) yield JSON.parse(event.slice('data: '.length));
  }
}

function showPython({ runId, code, text, image }) {
  if (code !== undefined) {
    const figure = add(log, 'figure', 'run');
    const details = add(figure, 'details', '');
    add(details, 'summary', '', 'Python');
    add(details, 'pre', 'code', code);
    runs.set(runId, { figure, output: add(figure, 'pre', 'output') });
  }
  const { figure, output } = runs.get(runId);
  if (text !== undefined) output.append(text);
  if (image) Object.assign(add(figure, 'img', ''), { src: image.url, alt: image.description });
}

/** Closed in any other way, the dialog is a no. */
async function decide({ toolCallId, reason }) {
  document.querySelector('#approval-call').textContent = reason;
  document.querySelector('#approval-code').textContent = programs.get(toolCallId);
  dialog.returnValue = '';
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener('close', resolve, { once: true }));
  const approved = dialog.returnValue === 'approve';
  add(log, 'p', 'decision', `${approved ? 'You approved' : 'You denied'} ${reason}`);
  return approved;
}

function setBusy(isBusy) {
  log.setAttribute('aria-busy', isBusy);
  for (const control of form.elements) control.disabled = isBusy;
  if (!isBusy) form.elements.text.focus();
}

/** Text only: nothing that a model or a tool says becomes HTML. */
function add(parent, tag, className, text = '') {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  parent.append(element);
  return element;
}
