# A headless Chromium for tests/browser/*.py, and what they share: checks that count, and pages that R serves.
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

HERE = pathlib.Path(__file__).resolve().parent
counts = {"passed": 0, "failed": 0}


def check(what, ok, seen=""):
    counts["passed" if ok else "failed"] += 1
    print(("ok      " if ok else "FAILED  ") + what + (f"  ({seen})" if seen != "" else ""), flush=True)


def note(text):
    print("        " + text, flush=True)


def finish():
    print(f"{counts['passed']} passed, {counts['failed']} failed, 0 skipped")
    sys.exit(counts["failed"] > 0)


class Browser:
    def __init__(self, width=1280, height=860, dark=False, scale=1, mobile=False):
        self.downloads = pathlib.Path(tempfile.mkdtemp(prefix="sketchvae-downloads-"))
        options = webdriver.ChromeOptions()
        for flag in ("--headless=new", "--no-sandbox", "--hide-scrollbars", f"--window-size={width},{height}",
                     "--disable-dev-shm-usage"):
            options.add_argument(flag)
        options.add_experimental_option("prefs", {
            "download.default_directory": str(self.downloads), "profile.default_content_setting_values.automatic_downloads": 1})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        binary = next((p for p in ("/usr/bin/chromedriver",) if os.path.exists(p)), None)
        self.driver = webdriver.Chrome(options=options, service=Service(binary) if binary else Service())
        self.driver.set_script_timeout(60)
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=mobile)
        self.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def cdp(self, command, **parameters):
        return self.driver.execute_cdp_cmd(command, parameters)

    def offline(self):
        self.cdp("Network.enable")
        self.cdp("Network.emulateNetworkConditions", offline=True, latency=0, downloadThroughput=0, uploadThroughput=0)

    def open(self, url):
        self.driver.get(url)
        self.until("document.documentElement.dataset.ready === 'yes'", 120)

    def js(self, code, *arguments):
        return self.driver.execute_script("return " + code, *arguments)

    def wait_js(self, code, *arguments):
        """The value of a promise."""
        return self.driver.execute_async_script(
            "const done = arguments[arguments.length - 1]; Promise.resolve(" + code + ").then(done, (e) => done('error: ' + e));", *arguments)

    def until(self, condition, seconds=10):
        end = time.time() + seconds
        while time.time() < end:
            if self.js(condition):
                return True
            time.sleep(0.05)
        return False

    def state(self):
        return self.js("explorer.state()")

    def mouse(self, kind, x, y, **more):
        self.cdp("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def drag(self, places, modifiers=0):
        """Real input events: press at the first place, release at the last."""
        (x, y), rest = places[0], places[1:]
        self.mouse("mouseMoved", x, y, modifiers=modifiers)
        self.mouse("mousePressed", x, y, button="left", buttons=1, clickCount=1, modifiers=modifiers)
        for x, y in rest:
            self.mouse("mouseMoved", x, y, button="left", buttons=1, modifiers=modifiers)
        self.mouse("mouseReleased", x, y, button="left", clickCount=1, modifiers=modifiers)

    def click(self, selector):
        self.js("document.querySelector(arguments[0]).click()", selector)

    def box(self, selector):
        """Left, top, width, height in the window."""
        return self.js("(() => { const e = document.querySelector(arguments[0]); e.scrollIntoView({block: 'nearest'}); "
                       "const b = e.getBoundingClientRect(); return [b.left, b.top, b.width, b.height]; })()", selector)

    def on_map(self, x, y):
        """A place of latent space in the window."""
        left, top, _, _ = self.box("#over")
        px, py = self.js("explorer.toPixel(arguments[0], arguments[1])", x, y)
        return left + px, top + py

    def key(self, key, code=None, text=None, modifiers=0):
        more = {"text": text} if text else {}
        self.cdp("Input.dispatchKeyEvent", type="keyDown", key=key, code=code or key, modifiers=modifiers, **more)
        self.cdp("Input.dispatchKeyEvent", type="keyUp", key=key, code=code or key, modifiers=modifiers)

    def set(self, selector, value, event="input"):
        self.js("(() => { const e = document.querySelector(arguments[0]); e.value = arguments[1]; "
                "e.dispatchEvent(new Event(arguments[2])); })()", selector, value, event)

    def downloaded(self, name, seconds=10):
        path = self.downloads / name
        end = time.time() + seconds
        while time.time() < end:
            if path.exists() and path.stat().st_size > 0:
                content = path.read_bytes()
                path.unlink()
                return content
            time.sleep(0.05)
        return b""

    def screenshot(self, path, whole=False):
        import base64
        more = {}
        if whole:
            height = self.js("document.documentElement.scrollHeight")
            width = self.js("document.documentElement.clientWidth")
            more = {"captureBeyondViewport": True, "clip": {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}}
        pathlib.Path(path).write_bytes(base64.b64decode(self.cdp("Page.captureScreenshot", **more)["data"]))

    def complaints(self):
        """What the console holds of errors."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE" and "favicon" not in entry["message"]]

    def close(self):
        self.driver.quit()


class Gadget:
    """latent_explorer() in an R process of its own."""

    def __init__(self, case, folder):
        self.process = subprocess.Popen(["Rscript", str(HERE / "serve.R"), case, str(folder)], stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True)
        self.encode = float(self.line("ENCODE")) if case == "uncoded" else None
        self.seconds = float(self.line("SECONDS"))
        self.url = self.line("URL")

    def line(self, word):
        seen = []
        for line in self.process.stdout:
            if line.startswith(word):
                return line[len(word):].strip()
            seen.append(line)
        raise RuntimeError("R said:\n" + "".join(seen))

    def rows(self):
        answer = [int(row) for row in self.line("ROWS").split()]
        self.process.wait(30)
        return answer

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)
