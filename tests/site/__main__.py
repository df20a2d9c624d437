"""`python -m tests.site`: serve the site until Ctrl-C, to try the service by hand."""

from __future__ import annotations

import contextlib
import threading

from tests import site


def main() -> None:
    """Say how to start a service that may read it, and what there is."""
    with site.running() as served, contextlib.suppress(KeyboardInterrupt):
        print(f"READER_EGRESS_ALLOW={served.allow} make run\n")
        for page in site.PAGES:
            print(f"{served.origin}{page.path}", *(f"-H '{k}: {v}'" for k, v in page.headers.items()))
        threading.Event().wait()


if __name__ == "__main__":
    main()
