/** One attempt at the host: at what it reads, keeps, shows and decides. No sandbox stands in its way. */
export interface HostAttempt {
  id: string;
  title: string;
  /** The part of the host that must stop it. */
  layer: 'protocol' | 'dispatch' | 'storage' | 'installer' | 'approval' | 'text' | 'watchdog' | 'process';
  /** What would come of it if nothing did. */
  would: string;
  /** What is seen of it: how the run ended; see `outcomeOf` in `host-scene.ts`. */
  seen: string;
  /** The program. `neighbour_run` and the helpers of `HOST_HELPERS` are there. */
  code: string;
  /** A second program in the same session, whose end is what is seen. */
  then?: string;
}

/** What `hostAttempts` takes: the fields in this order. */
export type Row = [
  id: string,
  title: string,
  layer: HostAttempt['layer'],
  would: string,
  seen: string,
  code: string,
  then?: string,
];

export function hostAttempts(rows: Row[]): HostAttempt[] {
  return rows.map(([id, title, layer, would, seen, code, then]) => ({
    id,
    title,
    layer,
    would,
    seen,
    code,
    ...(then !== undefined && { then }),
  }));
}

/** Lets a program speak on the kernel's own connection, past everything that the kernel does. */
export const HOST_HELPERS = `
import gc, json, os, stat, struct, threading, time

def own_connection():
    for number in range(3, 64):
        try:
            if stat.S_ISSOCK(os.fstat(number).st_mode): return number
        except OSError:
            pass

connection = own_connection()
ownership = next(o for o in gc.get_objects() if type(o).__name__ == "RunOwnership")

def raw(data):
    view = memoryview(data)
    while view:
        view = view[os.write(connection, view):]

def frame(message, attachment=b""):
    payload = message if isinstance(message, bytes) else json.dumps(message).encode()
    return struct.pack(">II", len(payload), len(attachment)) + payload + attachment

def forge(message, attachment=b""):
    raw(frame(message, attachment))

def forge_call(arguments, **fields):
    forge({"type": "call-start", "runId": run_id, "callId": 900, "namespace": "tools", "function": "call",
           "name": "count", "arguments": arguments, "cpuMs": 0, **fields})

def error_of(act, *arguments, **named):
    try:
        return act(*arguments, **named)
    except BaseException as error:
        return f"{type(error).__name__}: {error}"

def answered():
    """What was forged has been read when this call is answered."""
    return tools.echo(value="answered")
`;
