import { protocolError } from './frames.ts';
import type { HelloMessage, KernelToHostMessage, WireValue, ZygoteToHostMessage } from './messages.ts';

type Check = (value: unknown) => boolean;
type Shape = Record<string, Check>;

const MAX_DEPTH = 200;
const MAX_NAME = 1_000;

const string: Check = (value) => typeof value === 'string';
/** What is kept of every call. */
const name: Check = (value) => typeof value === 'string' && value.length <= MAX_NAME;
const number: Check = (value) => typeof value === 'number' && Number.isFinite(value);
const id: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const boolean: Check = (value) => typeof value === 'boolean';
const strings: Check = (value) => Array.isArray(value) && value.every(string);
const record: Check = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const numbers: Check = (value) => record(value) && Object.values(value as object).every(number);
const texts: Check = (value) => record(value) && Object.values(value as object).every(string);
const oneOf =
  (...values: string[]): Check =>
  (value) =>
    values.includes(value as string);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const shallow: Check = (value) => value === undefined || depthWithin(value as WireValue, MAX_DEPTH);

const HELLO: Shape = {
  protocol: number,
  role: oneOf('zygote', 'kernel', 'stdout', 'stderr', 'network'),
  secret: string,
  kernelId: optional(string),
};

const ZYGOTE: Record<string, Shape> = {
  'zygote-ready': {
    pid: id,
    pythonVersion: string,
    startMethod: oneOf('fork', 'spawn'),
    reason: optional(string),
    preloaded: strings,
    missingLayers: optional(texts),
    privateFolder: optional(string),
    sharedFolder: optional(string),
  },
  'kernel-opened': { kernelId: string, pid: optional(id) },
  'kernel-signalled': { requestId: id, delivered: boolean },
  'kernel-usage-report': { requestId: id, cpuMs: optional(number) },
  'kernel-exit': {
    kernelId: string,
    exitCode: optional(number),
    signal: optional(string),
    cpuMs: number,
    maxRssBytes: number,
    startError: optional(string),
  },
};

const ERROR: Shape = { name: string, message: string, traceback: string, line: optional(number) };

const KERNEL: Record<string, Shape> = {
  'kernel-ready': { pid: id, pythonVersion: string, limits: numbers, layers: optional(texts) },
  'run-output': { runId: string, stream: oneOf('stdout', 'stderr'), text: string, omittedBytes: optional(id) },
  'run-display': { runId: string, data: texts, isResult: optional(boolean) },
  'call-start': {
    runId: (value) => value === null || string(value),
    callId: id,
    namespace: name,
    function: name,
    name: optional(name),
    arguments: (value) => record(value) && shallow(value),
    line: optional(number),
    cpuMs: number,
  },
  'call-cancel': { runId: (value) => value === null || string(value), callId: id },
  analysis: { requestId: id, result: shallow, error: optional(string) },
  'run-end': {
    runId: string,
    status: oneOf('completed', 'failed', 'interrupted'),
    result: shallow,
    error: optional((value) => record(value) && matches(value as Record<string, unknown>, ERROR)),
    cpuMs: number,
  },
};

/** Checks a frame from a kernel: only kernel messages, well-formed. @throws CodeModeError `protocol_error` */
export function checkKernelMessage(message: { type: string }): KernelToHostMessage {
  return check(message, KERNEL, 'kernel') as unknown as KernelToHostMessage;
}

/** Checks a frame from a zygote. @throws CodeModeError `protocol_error` */
export function checkZygoteMessage(message: { type: string }): ZygoteToHostMessage {
  return check(message, ZYGOTE, 'zygote') as unknown as ZygoteToHostMessage;
}

/** The `hello` that opens a connection, or undefined when it is anything else. */
export function asHello(message: { type: string }): HelloMessage | undefined {
  return message.type === 'hello' && matches(message, HELLO) ? (message as HelloMessage) : undefined;
}

function check(message: { type: string }, shapes: Record<string, Shape>, sender: string): object {
  const shape = Object.hasOwn(shapes, message.type) ? shapes[message.type] : undefined;
  if (!shape) throw protocolError(`a ${sender} may not send "${message.type.slice(0, 40)}"`);
  if (!matches(message, shape)) throw protocolError(`a "${message.type}" frame is malformed`);
  return message;
}

function matches(message: Record<string, unknown>, shape: Shape): boolean {
  for (const field in shape) {
    if (!(shape[field] as Check)(message[field])) return false;
  }
  return true;
}

/** JSON.parse takes any depth, but what walks the value afterwards would overflow the stack. */
function depthWithin(value: WireValue, left: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (left === 0) return false;
  if (Array.isArray(value)) return value.every((item) => depthWithin(item, left - 1));
  for (const key in value) {
    if (!depthWithin(value[key] as WireValue, left - 1)) return false;
  }
  return true;
}
