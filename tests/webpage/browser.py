"""Chromium without a window, told what to open and asked what it saw."""

from __future__ import annotations

import base64
import importlib.util
import json
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


def why_none() -> str:
    """Why there is no browser to test with; empty where there is one."""
    if importlib.util.find_spec("selenium") is None:
        return "selenium is missing: pip install 'backbone-zoo[browser]'"
    if not any(map(shutil.which, PROGRAMS)) or shutil.which("chromedriver") is None:
        return "Chromium and its driver are missing: apt-get install chromium chromium-driver"
    return ""


class Browser:
    """One window; it starts with the page, in a width and a colour scheme."""

    def __init__(self, folder: Path) -> None:
        from selenium import webdriver

        options = webdriver.ChromeOptions()
        options.binary_location = next(found for found in map(shutil.which, PROGRAMS) if found)
        for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"):
            options.add_argument(word)
        options.add_argument(f"--user-data-dir={folder / 'profile'}")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
        self.driver.set_script_timeout(60)
        self.driver.get("about:blank")
        self.requests: list[str] = []
        self.errors: list[str] = []

    def open(self, path: Path, *, width: int = 1280, height: int = 900, scheme: str = "light") -> None:
        """Load a page and wait until its chart is drawn."""
        self.read_logs()
        self.requests, self.errors = [], []
        command = self.driver.execute_cdp_cmd
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        command("Emulation.setDeviceMetricsOverride", metrics)
        command("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
        self.driver.get(path.as_uri())
        self.wait("!document.getElementById('chart') || document.querySelector('#chart canvas')")
        self.frames()

    def js(self, script: str, *arguments: Any) -> Any:
        """The value of a script's body."""
        return self.driver.execute_script(script, *arguments)

    def wait(self, condition: str, seconds: float = 20) -> None:
        """Until a condition is true."""
        ends = time.monotonic() + seconds
        while not self.js(f"return Boolean({condition})"):
            assert time.monotonic() < ends, f"never: {condition}; {self.read_logs()}"
            time.sleep(0.02)

    def frames(self) -> float:
        """Milliseconds until all that was asked for is drawn."""
        script = (
            "const done = arguments[0], from = performance.now();"
            "requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - from)))"
        )
        return float(self.driver.execute_async_script(script))

    def enter(self, name: str, value: Any) -> None:
        """A value into a control, as a reader does, and drawn."""
        self.js(
            "const one = document.getElementById(arguments[0]);"
            "if (one.type === 'checkbox') one.checked = arguments[1]; else one.value = arguments[1];"
            "one.dispatchEvent(new Event('input', {bubbles: true}));"
            "one.dispatchEvent(new Event('change', {bubbles: true}));",
            name,
            value,
        )
        self.frames()

    def text(self, name: str) -> str:
        return str(self.js("return document.getElementById(arguments[0]).innerText", name))

    def table(self) -> list[list[str]]:
        """The cells of the table of models, its header first."""
        found: list[list[str]] = self.js(
            "return [...document.querySelectorAll('#models tr')].map(row => [...row.cells].map(c => c.textContent))"
        )
        return found

    def shoot(self, path: Path, *, whole: bool = True) -> Path:
        """A picture of the page."""
        found = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": whole})
        path.write_bytes(base64.b64decode(found["data"]))
        return path

    def printed(self) -> bytes:
        """The page as PDF."""
        found = self.driver.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})
        return base64.b64decode(found["data"])

    def read_logs(self) -> list[str]:
        """What went wrong since the page was opened; addresses that were asked for are kept beside it."""
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                address = message["params"]["request"]["url"]
                # A picture that stands in the page, and the browser's own first window, are no addresses.
                self.requests += [address] if not address.startswith(("data:", "chrome:", "about:")) else []
        self.errors += [entry["message"] for entry in self.driver.get_log("browser")]
        return self.errors

    def close(self) -> None:
        self.driver.quit()


def a_browser(folder: Path) -> Browser:
    """A browser, or a test that is skipped with the reason."""
    if reason := why_none():
        pytest.skip(reason)
    return Browser(folder)
