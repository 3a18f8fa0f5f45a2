"""A folder as GitHub Pages shows it: at the root or below a name, and with 404.html for what is not there."""

import contextlib
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer


@contextlib.contextmanager
def served(folder, name=""):
    """Serve a folder to this machine, below /name/ if there is one, and yield its address, which ends in a slash."""
    root = f"/{name}/" if name else "/"

    class Pages(SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=str(folder))

        def translate_path(self, path):
            return super().translate_path(path[len(root) - 1 :] if path.startswith(root) else "/-")

        def send_error(self, code, *arguments):
            found = (folder / "404.html").read_bytes() if (folder / "404.html").is_file() else b""
            self.send_response(code)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(found)))
            self.end_headers()
            self.wfile.write(found)

        def log_message(self, *_):
            pass

    class Server(ThreadingHTTPServer):
        request_queue_size = 64  # a page asks for thirty files at once; five may wait otherwise, and the rest are lost

    with Server(("127.0.0.1", 0), Pages) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}{root}"
        server.shutdown()
