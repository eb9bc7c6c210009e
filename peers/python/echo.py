"""Echoes with Python: one process, one event loop; bytes with asyncio, or
WebSocket messages with the package websockets.

    python3 echo.py 127.0.0.1:9000
    python3 echo.py 127.0.0.1:9000 -proto ws
"""

import argparse
import asyncio
import resource
import signal

BACKLOG = 65535
MAX_MESSAGE = 16 << 20
GRACE = 5  # seconds for the package's own shutdown


class Echo(asyncio.Protocol):
    """Returns what comes, and reads no more while the peer does not take it."""

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(data)

    def pause_writing(self):
        self.transport.pause_reading()

    def resume_writing(self):
        self.transport.resume_reading()


def serve_bytes(host, port):
    return asyncio.get_running_loop().create_server(Echo, host, port, backlog=BACKLOG)


def serve_messages(host, port):
    import websockets

    async def echo(connection):
        async for message in connection:
            await connection.send(message)

    return websockets.serve(
        echo,
        host,
        port,
        compression=None,
        max_size=MAX_MESSAGE,
        ping_interval=None,
        backlog=BACKLOG,
    )


PROTOCOLS = {"echo": serve_bytes, "ws": serve_messages}


async def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("addr", metavar="ADDR", help="such as 127.0.0.1:9000")
    parser.add_argument("-proto", choices=PROTOCOLS, default="echo")
    args = parser.parse_args()
    host, _, port = args.addr.rpartition(":")
    if not port.isdecimal():
        parser.error(f"{args.addr}: want a host and a port")

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    server = await PROTOCOLS[args.proto](host.strip("[]"), int(port))
    await ended.wait()
    server.close()
    try:
        # A client that has not finished its handshake would hold it up.
        await asyncio.wait_for(server.wait_closed(), GRACE)
    except asyncio.TimeoutError:
        pass


if __name__ == "__main__":
    asyncio.run(main())
