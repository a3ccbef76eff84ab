export { createMcpCommand, runCommand } from './command.ts';
export { addConfigOptions, collect, configFlags } from './config-options.ts';
export { type McpHost, type McpHostOptions, openMcpHost } from './mcp-host.ts';
export { type HttpServer, type HttpServerOptions, serveOverHttp } from './serve-http.ts';
export { type StdioServer, serveOverStdio } from './serve-stdio.ts';
