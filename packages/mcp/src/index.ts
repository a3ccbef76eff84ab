export { addConfigOptions, collect, configFlags } from './config-options.ts';
export { createMcpCommand } from './mcp-command.ts';
export { type McpHost, type McpHostOptions, openMcpHost } from './mcp-host.ts';
export { runCommand } from './run-command.ts';
export { type HttpServer, type HttpServerOptions, serveOverHttp } from './serve-http.ts';
export { type StdioServer, serveOverStdio } from './serve-stdio.ts';
