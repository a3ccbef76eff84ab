/** What happens on the way to a container that takes kernels. */
export type ContainerEvent =
  | { type: 'image-pull'; image: string; status: string; layer?: string; currentBytes?: number; totalBytes?: number }
  | { type: 'container-create'; containerId: string; image: string }
  | { type: 'container-start'; containerId: string }
  /** Its zygote answers; `durationMs` since the container was asked for. */
  | { type: 'container-ready'; containerId: string; pythonVersion: string; durationMs: number }
  /** A container that a host left behind when it crashed. */
  | { type: 'leftover-remove'; containerId: string };
