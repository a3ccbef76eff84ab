#!/usr/bin/env node
import { keepCompiled } from './keep-compiled.ts';

keepCompiled();
const { createMcpCommand, runCommand } = await import('./command.ts');
await runCommand(createMcpCommand());
