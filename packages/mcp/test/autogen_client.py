"""AutoGen's workbench: starts the server, runs code twice, and prints what it got as JSON."""

import asyncio
import json
import sys

from autogen_ext.tools.mcp import McpWorkbench, StdioServerParams


async def main() -> None:
    server = StdioServerParams(command=sys.argv[1], args=sys.argv[2:], read_timeout_seconds=120)
    async with McpWorkbench(server) as workbench:
        names = [tool["name"] for tool in await workbench.list_tools()]
        first = await workbench.call_tool("run_code", {"code": "x = 6\nx * 7"})
        second = await workbench.call_tool("run_code", {"code": "print(x)\n1 / 0"})
        print(json.dumps([names, first.to_text(), second.to_text()]))


asyncio.run(main())
