"""The same audit without a screen: python -m audit run …"""

from __future__ import annotations

import sys

from audit.cli.main import run

if __name__ == "__main__":
    sys.exit(run())
