"""Stations on the network that send music: an Icecast-like radio and an RTSP camera.

Both send what ffmpeg makes. It cannot serve RTSP, so the few words that a camera says
before its packets are said here.

References
----------
H. Schulzrinne, A. Rao, R. Lanphier, Real Time Streaming Protocol (RTSP), RFC 2326, 1998
"""

from __future__ import annotations

import signal
import socket
import socketserver
import subprocess
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from tests.ports import free_port

if TYPE_CHECKING:
    from pathlib import Path

_PACKET_BYTES = 2_048
_ANSWERS = {
    "OPTIONS": "Public: DESCRIBE, SETUP, PLAY, TEARDOWN\r\n",
    "DESCRIBE": "Content-Type: application/sdp\r\n",
    "SETUP": "Session: 1\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n",
    "PLAY": "Session: 1\r\n",
}
# Payload type 11 is 16-bit PCM, 44.1 kHz, mono (RFC 3551).
_SDP = "v=0\r\ns=camera\r\nm=audio 0 RTP/AVP 11\r\na=control:sound\r\n"


class Radio:
    """Sends music over HTTP to one listener at a time.

    Parameters
    ----------
    music : Path
        Sent round and round, in real time.
    """

    def __init__(self, music: Path) -> None:
        self._music = music
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"http://127.0.0.1:{free_port()}/radio.mp3"

    def start(self) -> None:
        """Go on air."""
        self._process = send(self._music, "-f", "mp3", "-listen", "1", self.url)

    def stop(self) -> None:
        """Break down."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def freeze(self) -> None:
        """Send nothing more, without hanging up."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)


class Camera:
    """Sends music over RTSP, packets and words over one connection (interleaved).

    Parameters
    ----------
    music : Path
        Sent round and round, in real time.
    """

    def __init__(self, music: Path) -> None:
        self._music = music
        self._port = free_port()
        self._server: _Server | None = None
        self.url = f"rtsp://127.0.0.1:{self._port}/camera"

    def start(self) -> None:
        """Wait for somebody who wants to hear."""
        self._server = _Server(self._port, self._music)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Break down."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server.hang_up()
            self._server = None


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port: int, music: Path) -> None:
        super().__init__(("127.0.0.1", port), _Viewer)
        self.music = music
        self._viewers: list[socket.socket] = []

    def get_request(self) -> tuple[socket.socket, object]:
        """Remember who has come."""
        viewer, address = super().get_request()
        self._viewers.append(viewer)
        return viewer, address

    def hang_up(self) -> None:
        """Close the connections, as the end of the process would."""
        for viewer in self._viewers:
            with suppress(OSError):
                viewer.shutdown(socket.SHUT_RDWR)


class _Viewer(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        """Answer until it wants to hear, then send until it hangs up."""
        with suppress(OSError):  # it hung up in the middle of a word
            while method := self._answer():
                if method == "PLAY":
                    self._play()

    def _answer(self) -> str:
        """Answer one request; return what was asked for, nothing at the end."""
        lines = []
        while line := self.rfile.readline().decode().strip():
            lines.append(line)
        if not lines:
            return ""
        method = lines[0].split()[0]
        number = next(line for line in lines if line.lower().startswith("cseq:"))
        body = _SDP if method == "DESCRIBE" else ""
        head = f"RTSP/1.0 200 OK\r\n{number}\r\n{_ANSWERS.get(method, '')}"
        self.wfile.write(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        return method

    def _play(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as packets:
            packets.bind(("127.0.0.1", 0))
            there = f"rtp://127.0.0.1:{packets.getsockname()[1]}?pkt_size=1200"
            pcm = ("-c:a", "pcm_s16be", "-ar", "44100", "-ac", "1")
            camera = send(self.server.music, *pcm, "-f", "rtp", there)
            try:
                while packet := packets.recv(_PACKET_BYTES):
                    framed = b"$\0" + len(packet).to_bytes(2, "big") + packet
                    self.wfile.write(framed)
            finally:
                camera.kill()
                camera.wait()


def send(music: Path, *where: str) -> subprocess.Popen[bytes]:
    """Start an ffmpeg that sends music round and round, in real time."""
    command = ["ffmpeg", "-v", "error", "-nostdin", "-re", "-stream_loop", "-1"]
    return subprocess.Popen(
        [*command, "-i", str(music), *where],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
