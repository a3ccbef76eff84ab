export type { McpHttpServer, McpServerConfig, McpServersConfig, McpStdioServer } from './config.ts';
export type { ListedTool, McpClient } from './connection.ts';
export { fromMcpDefinition, type McpServerDefinition, mcpServerDefinition } from './definition.ts';
export { type FromMcpOptions, fromMcp, type McpToolSource } from './from-mcp.ts';
