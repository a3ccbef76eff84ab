import type { Peer, PeerName } from '../peer.ts';
import { AiSdkCodeModePeer } from './ai-sdk-code-mode.ts';
import { CodeModePeer } from './code-mode.ts';
import { IpykernelPeer } from './ipykernel.ts';
import { RawPeer } from './raw.ts';

const peers = {
  'code-mode': () => new CodeModePeer(),
  raw: () => new RawPeer(),
  ipykernel: () => new IpykernelPeer(),
  'ai-sdk': () => new AiSdkCodeModePeer(),
} satisfies Record<PeerName, () => Peer>;

/** In the order of the table. */
export const peerNames = Object.keys(peers) as PeerName[];

export function createPeer(name: PeerName): Peer {
  return peers[name]();
}
