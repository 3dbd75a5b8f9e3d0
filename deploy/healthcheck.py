"""Does the service in this container answer? `python -m deploy.healthcheck [PATH]`, by default of its process alone."""

import os
import sys
import urllib.request

LIMIT_S = 4.0


def main() -> None:
    """Any answer but a success, or none in time, is an error and ends this process as such."""
    path = sys.argv[1] if len(sys.argv) > 1 else "/healthz"
    urllib.request.urlopen(f"http://127.0.0.1:{os.environ['HANDOVER_PORT']}{path}", timeout=LIMIT_S).close()


if __name__ == "__main__":
    main()
