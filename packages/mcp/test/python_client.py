"""A client of the Python SDK: starts the server, runs code twice, and prints what it got as JSON."""

import asyncio
import json
import sys

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client


async def main() -> None:
    server = StdioServerParameters(command=sys.argv[1], args=sys.argv[2:])
    async with stdio_client(server) as (read, write), ClientSession(read, write) as session:
        await session.initialize()
        tools = (await session.list_tools()).tools
        first = await session.call_tool("run_code", {"code": "x = 6\nx * 7"})
        second = await session.call_tool("run_code", {"code": "print(x)\n1 / 0"})
        print(json.dumps([[tool.name for tool in tools], first.content[0].text, second.content[0].text]))


asyncio.run(main())
