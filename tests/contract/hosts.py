"""The original's hosts, mapped to a running emulator for one command, with certificates of a private authority.

    python -m tests.contract.hosts http://127.0.0.1:8000 -- node client.js

starts a TLS front before the emulator and runs the command so that Node reaches it under every host of the original and
trusts its certificate. When the command ends, nothing of it is left: no entry in /etc/hosts, no certificate in a store, no
file. Set the emulator's PUBLIC_URL to the address of the front (`--port`), so that the addresses it prints are of it, too.
"""

import argparse
import asyncio
import contextlib
import os
import ssl
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from tests import certificates

HERE = Path(__file__).parent
HOSTS = ("*.niceincontact.com", "*.nice-incontact.com", "localhost")


@contextlib.contextmanager
def mapped(emulator: str, port: int = 0) -> Iterator[dict[str, str]]:
    """While this lasts, a process with these environment variables finds the emulator under the original's hosts.

    Args:
        emulator: where it listens, as `http://127.0.0.1:8000`.
        port: where the TLS front listens; 0 for any free port.
    """
    with tempfile.TemporaryDirectory() as folder:
        authority, chain = Path(folder) / "authority.pem", Path(folder) / "server.pem"
        authority_pem, server_pem = certificates.issued(HOSTS)
        authority.write_bytes(authority_pem)
        chain.write_bytes(server_pem)
        with _front(emulator, chain, port) as listening:
            yield {
                "NODE_EXTRA_CA_CERTS": str(authority),
                "NODE_OPTIONS": f"--require={HERE / 'map_hosts.cjs'}",
                "EMULATOR_TLS_PORT": str(listening),
            }


@contextlib.contextmanager
def _front(emulator: str, chain: Path, port: int) -> Iterator[int]:
    """A TLS server that hands what it is sent to the emulator; answers its port."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(chain)
    target = urlsplit(emulator)
    loop = asyncio.new_event_loop()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection(target.hostname, target.port)
        await asyncio.gather(_pump(reader, inner_writer), _pump(inner_reader, writer))

    server = loop.run_until_complete(asyncio.start_server(connected, "127.0.0.1", port, ssl=context))
    running = threading.Thread(target=loop.run_forever)
    running.start()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(_closed(server), loop).result(timeout=10)
        loop.call_soon_threadsafe(loop.stop)
        running.join(timeout=10)
        loop.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


async def _closed(server: asyncio.Server) -> None:
    server.close()
    connections = asyncio.all_tasks() - {asyncio.current_task()}
    for connection in connections:
        connection.cancel()
    await asyncio.gather(*connections, return_exceptions=True)


def main() -> int:
    parser = argparse.ArgumentParser(description="Run a command that finds the emulator under the original's hosts.")
    parser.add_argument("emulator", help="where it listens, as http://127.0.0.1:8000")
    parser.add_argument("--port", type=int, default=0, help="where the TLS front listens; any free port if left out")
    parser.add_argument("command", nargs="+")
    given = parser.parse_args()
    with mapped(given.emulator, given.port) as environment:
        return subprocess.run(given.command, env=os.environ | environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
