#!/bin/sh
# Have a Chromium for the browser tests: one that is here, else the distribution's (without a window, which opens pages
# a good deal faster, where it has such a one), else Playwright's own.
set -eu

cd "$(dirname "$0")/.."

for name in chromium-headless-shell chromium chromium-browser google-chrome google-chrome-stable; do
    if command -v "$name" >/dev/null 2>&1; then
        exit 0
    fi
done

has_playwright_chromium() {
    .venv/bin/python -c '
import pathlib, sys
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    sys.exit(not pathlib.Path(playwright.chromium.executable_path).exists())' 2>/dev/null
}

if has_playwright_chromium; then
    exit 0
fi

echo "Installing Chromium for the browser tests …"
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    export DEBIAN_FRONTEND=noninteractive
    install() { apt-get install -qq -y --no-install-recommends "$1" >/dev/null 2>&1 </dev/null; }
    apt-get update -qq >/dev/null 2>&1 </dev/null || true
    if install chromium-headless-shell || install chromium; then
        exit 0
    fi
fi
if .venv/bin/python -m playwright install chromium >/dev/null 2>&1 </dev/null && has_playwright_chromium; then
    exit 0
fi

echo "################################################################################" >&2
echo "## No Chromium: the browser tests will FAIL. Install chromium and run again.   ##" >&2
echo "################################################################################" >&2
