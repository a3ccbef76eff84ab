import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

/** What attempts reach for: things of the host that tell when they are touched. */
export class Canaries implements AsyncDisposable {
  readonly facts: {
    secret: string;
    folder: string;
    file: string;
    tcp: number;
    udp: number;
    unix: string;
    abstract: string;
    pid: number;
    hostname: string;
    /** A shared memory segment. */
    shm: number;
  };
  /** How often a listener was reached. */
  touches = 0;
  readonly #victim: ChildProcess;
  readonly #servers: Server[];
  readonly #udp: UdpSocket;

  static async place(): Promise<Canaries> {
    const folder = mkdtempSync(join(tmpdir(), 'cm-canary-'));
    chmodSync(folder, 0o755);
    const secret = randomUUID();
    const file = join(folder, 'secret');
    writeFileSync(file, secret, { mode: 0o644 });
    const victim = spawn('sleep', ['1000'], { env: { CANARY: secret }, stdio: 'ignore' });
    await once(victim, 'spawn');
    const touched = () => canaries.touches++;
    const [tcp, unix, abstract] = [createServer(touched), createServer(touched), createServer(touched)];
    const udp = createSocket('udp4', touched);
    const name = `cm-canary-${secret}`;
    tcp.listen(0, '127.0.0.1');
    unix.listen(join(folder, 'socket'));
    abstract.listen(`\0${name}`);
    udp.bind(0, '127.0.0.1');
    await Promise.all([tcp, unix, abstract, udp].map((server) => once(server, 'listening')));
    chmodSync(join(folder, 'socket'), 0o777);
    const facts = {
      secret,
      folder,
      file,
      tcp: (tcp.address() as AddressInfo).port,
      udp: udp.address().port,
      unix: join(folder, 'socket'),
      abstract: name,
      pid: victim.pid as number,
      hostname: hostname(),
      shm: Number(/\d+/.exec(execFileSync('ipcmk', ['-M', '100'], { encoding: 'utf8' }))?.[0]),
    };
    // What this process starts would have it from here.
    process.env.CANARY = secret;
    const canaries = new Canaries(facts, victim, [tcp, unix, abstract], udp);
    return canaries;
  }

  private constructor(facts: Canaries['facts'], victim: ChildProcess, servers: Server[], udp: UdpSocket) {
    this.facts = facts;
    this.#victim = victim;
    this.#servers = servers;
    this.#udp = udp;
  }

  /** Whether the process that attempts reach for is as it was. */
  get victimLives(): boolean {
    return this.#victim.exitCode === null && this.#victim.signalCode === null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    delete process.env.CANARY;
    this.#victim.kill('SIGKILL');
    execFileSync('ipcrm', ['-m', String(this.facts.shm)]);
    this.#udp.close();
    for (const server of this.#servers) server.close();
    rmSync(this.facts.folder, { recursive: true });
  }
}
