# The explorer in a real Chromium, by doing what a reader does: sh tools/browser. Live (R decodes) and offline
# (a file, network off). With a folder as argument, screenshots go there.
import math
import pathlib
import statistics
import struct
import subprocess
import sys
import tempfile
import time

from browser import HERE, Browser, Gadget, check, finish, note
from intruder import intrude

folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="sketchvae-browser-"))
folder.mkdir(parents=True, exist_ok=True)
only = sys.argv[2:] or ["big", "uncoded", "small", "four", "later", "files", "intruder", "far"]


def png_size(content):
    return struct.unpack(">II", content[16:24]) if content[:8] == b"\x89PNG\r\n\x1a\n" else None


def circle(x, y, radius, steps=24):
    return [(x + radius * math.cos(2 * math.pi * k / steps), y + radius * math.sin(2 * math.pi * k / steps)) for k in range(steps + 1)]


# Frames while the map moves: an event a frame, and the time from frame to frame.
FRAMES = """new Promise((done) => {
  const over = document.getElementById('over'), box = over.getBoundingClientRect(), gaps = [];
  const at = (k) => ({clientX: box.left + box.width * (.5 + .2 * Math.sin(k / 7)), clientY: box.top + box.height * (.5 + .2 * Math.cos(k / 7)), pointerId: 1, bubbles: true, pointerType: 'mouse'});
  const zooming = arguments[0];
  over.setPointerCapture = () => {};
  if (!zooming) over.dispatchEvent(new PointerEvent('pointerdown', at(0)));
  let k = 0, before = null;
  requestAnimationFrame(function frame(now) {
    if (before !== null) gaps.push(now - before);
    before = now;
    if (++k > 90) { over.dispatchEvent(new PointerEvent('pointerup', at(k))); delete over.setPointerCapture; done(gaps); return; }
    over.dispatchEvent(zooming ? new WheelEvent('wheel', {...at(0), deltaY: k % 60 < 30 ? -60 : 60, cancelable: true}) : new PointerEvent('pointermove', at(k)));
    requestAnimationFrame(frame);
  });
})"""

def latency(places, rest=""):
    """Script: milliseconds from pointing to the decoded drawing, at places one after the other. Before
    place k it waits for as many milliseconds as the script `rest` says."""
    wait = f"await new Promise((r) => setTimeout(r, {rest}));" if rest else ""
    return """(async () => {
  const over = document.getElementById('over'), box = over.getBoundingClientRect(), times = explorer.timings.decode, took = [];
  for (let k = 0; k < PLACES; k++) {
    REST
    const before = times.length;
    over.dispatchEvent(new PointerEvent('pointermove', {clientX: box.left + box.width * (.2 + .6 * (k * .618 % 1)), clientY: box.top + box.height * (.2 + .6 * (k * .382 % 1)), pointerId: 1, bubbles: true, pointerType: 'mouse'}));
    while (times.length === before) await new Promise((r) => setTimeout(r, 1));
    took.push(times[times.length - 1]);
  }
  return took;
})()""".replace("PLACES", str(places)).replace("REST", wait)


LATENCY = latency(60)
# After rests in which R has gone back to work.
RESTED = latency(25, "400 + 17 * k % 60")


def middle_and_worst(values):
    values = sorted(values)
    return statistics.median(values), values[int(0.95 * (len(values) - 1))]


def measure(browser, name, seconds=0):
    ready = 1000 * seconds + browser.js("explorer.timings.ready")
    timings = browser.js("explorer.timings")
    note(f"{name}: draws by {browser.state()['painter']}; a frame of all points: " +
         ", ".join(f"{k} {timings[k]:.1f} ms" for k in ("webgl", "raster") if k in timings))
    check(f"{name}: opens in under 5 s", ready < 5000, f"{ready / 1000:.2f} s")
    for what, zooming in (("pan", False), ("zoom", True)):
        before = len(browser.js("explorer.timings.frame"))
        median, worst = middle_and_worst(browser.wait_js(FRAMES, zooming))
        note(f"{name}: {what}: the page's own share of a frame: median {statistics.median(browser.js('explorer.timings.frame')[before:]):.1f} ms")
        check(f"{name}: {what}: median frame under 33 ms", median < 33, f"median {median:.1f} ms, 95 % {worst:.1f} ms")
    browser.click("#bulk")
    median, worst = middle_and_worst(browser.wait_js(LATENCY))
    check(f"{name}: decodes in under 100 ms after pointing", median < 100, f"median {median:.1f} ms, 95 % {worst:.1f} ms")


def no_markup(browser, name):
    check(f"{name}: markup in labels is text", browser.js("window.ran === undefined && document.querySelector('.filter script, .filter img, h1 *') === null"))
    errors = browser.complaints()
    check(f"{name}: the console has no errors", errors == [], "; ".join(errors))


def use(browser, name, live):
    """All that a reader can do, on small data; returns the rows that are selected in the end."""
    n = browser.state()["n"]
    # Pointing at a drawing.
    row = 41
    x, y = browser.js("explorer.pointOf(arguments[0])", row)
    px, py = browser.on_map(x, y)
    browser.mouse("mouseMoved", px, py)
    browser.until(f"explorer.state().looked && explorer.state().looked[2] === explorer.state().near")
    state = browser.state()
    check(f"{name}: pointing at a drawing finds it", math.dist(browser.js("explorer.pointOf(arguments[0])", state["near"]), (x, y)) < 0.02)
    ink = "Array.from(document.getElementById(arguments[0]).getContext('2d').getImageData(0, 0, 28, 28).data).filter((v, i) => i % 4 === 0 && v < 128).length"
    for canvas in ("decoded", "nearest", "redrawn"):
        check(f"{name}: {canvas} shows a drawing", 15 < browser.js(ink, canvas) < 500)
    check(f"{name}: the facts name the row", f"row {state['near'] + 1:,}" in browser.js("document.getElementById('facts').textContent"))
    check(f"{name}: the lens shows the drawing beside its reconstruction", browser.until("!document.getElementById('lens').hidden && document.getElementById('lens').width === 56"))
    # Pointing between drawings.
    place = browser.js("(() => { const [w, h] = [over.clientWidth, over.clientHeight]; return [w * .07, h * .45]; })()".replace("over", "document.getElementById('over')"))
    left, top, width, height = browser.box("#over")
    browser.mouse("mouseMoved", left + place[0], top + place[1])
    browser.until("explorer.state().looked[0] === explorer.state().at[0]")
    state = browser.state()
    painted = browser.js("Array.from(document.getElementById('decoded').getContext('2d').getImageData(0, 0, 28, 28).data).filter((v, i) => i % 4 === 0).map((v) => 255 - v)")
    check(f"{name}: pointing elsewhere shows what is decoded there", painted == browser.wait_js("explorer.decode(arguments[0])", state["at"] + state["middle"][2:]))
    # Zoom by wheel keeps the place under the pointer; pan moves it along.
    browser.mouse("mouseWheel", left + width / 2, top + height / 2, deltaX=0, deltaY=-300)
    browser.until(f"explorer.state().view.unit > {state['view']['unit']} * 1.2")
    after = browser.state()
    check(f"{name}: the wheel zooms", after["view"]["unit"] > 1.2 * state["view"]["unit"])
    browser.drag([(left + 200, top + 200), (left + 230, top + 210), (left + 260, top + 220)])
    moved = browser.state()["view"]
    check(f"{name}: dragging moves the map", abs((after["view"]["x"] - moved["x"]) * moved["unit"] - 60) < 2 and abs((moved["y"] - after["view"]["y"]) * moved["unit"] - 20) < 2)
    browser.click("#whole")
    # Lasso.
    browser.click("#mode-lasso")
    ring = circle(left + width / 2, top + height / 2, 70)
    browser.drag(ring)
    selected = browser.state()["selected"]
    places = {i: browser.js("explorer.toPixel(...explorer.pointOf(arguments[0]))", i) for i in range(0, n, 7)}
    right_ones = [i for i, (a, b) in places.items() if math.dist((a, b), (width / 2, height / 2)) < 67]
    wrong_ones = [i for i, (a, b) in places.items() if math.dist((a, b), (width / 2, height / 2)) > 71]
    check(f"{name}: the lasso takes what it surrounds", len(selected) > 5 and set(right_ones) <= set(selected) and not set(wrong_ones) & set(selected), f"{len(selected)} drawings")
    browser.until("document.getElementById('thumbs').width > 0")
    check(f"{name}: they are in the gallery", browser.js("document.getElementById('thumbs').height") == 30 * math.ceil(min(len(selected), 400) / 8))
    # Save: rows, picture, drawing.
    browser.click("#save-rows")
    rows = browser.downloaded("rows.csv").decode().split()
    check(f"{name}: the rows are saved, counted from 1", rows == ["row"] + [str(i + 1) for i in selected])
    browser.click("#save-map")
    check(f"{name}: the picture is saved", png_size(browser.downloaded("latent-space.png")) is not None)
    browser.click("#save-drawing")
    check(f"{name}: the decoded drawing is saved", png_size(browser.downloaded("drawing.png")) == (280, 280))
    # Filters.
    browser.click("#clear")
    first = browser.js("Object.values(document.querySelectorAll('#filters .filter label')).map((l) => [l.querySelector('input').checked, +l.querySelector('.count').textContent.replace(/,/g, '')])")
    browser.click("#filters .filter input")
    check(f"{name}: a filter takes its drawings away", browser.state()["shown"] == n - first[0][1])
    browser.click("#filters .filter input")
    browser.set("#least", 900)
    shown = browser.state()["shown"]
    check(f"{name}: squared errors can be filtered", 0.09 * n < shown < 0.11 * n, f"{shown} of {n}")
    browser.click("#select-shown")
    check(f"{name}: all shown can be selected", len(browser.state()["selected"]) == shown)
    browser.set("#least", 0)
    browser.click("#clear")
    # Colours change the picture.
    pictures = set()
    for colour in browser.js("Array.from(document.getElementById('colour').options, (o) => o.value)"):
        browser.set("#colour", colour, "change")
        browser.js("new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)))")
        browser.click("#save-map")
        pictures.add(browser.downloaded("latent-space.png"))
    check(f"{name}: every colouring looks different", len(pictures) == browser.js("document.getElementById('colour').options.length"), f"{len(pictures)}")
    browser.set("#colour", browser.js("document.getElementById('colour').options[0].value"), "change")
    # A walk.
    browser.click("#mode-walk")
    browser.drag([(left + 150 + 12 * k, top + height / 2 + 40 * math.sin(k / 3)) for k in range(30)])
    check(f"{name}: a path that is drawn plays", browser.until("explorer.state().walk && explorer.state().walk.playing && explorer.state().walk.share > .1"))
    browser.click("#walk-play")
    browser.set("#walk-at", 500)
    half = browser.state()["at"]
    check(f"{name}: the walk can be stopped and scrubbed", not browser.state()["walk"]["playing"] and abs(browser.js("explorer.toPixel(...explorer.state().at)[0]") - (150 + 12 * 14.5)) < 25, half)
    browser.click("#walk-clear")
    browser.click("#mode-move")
    # By keyboard alone.
    browser.js("document.getElementById('over').focus()")
    browser.click("#whole")
    before = browser.state()["at"]
    browser.key("ArrowRight")
    check(f"{name}: arrows move the pointer", browser.state()["at"][0] > before[0])
    browser.key("Enter")
    check(f"{name}: Enter selects the nearest drawing", browser.state()["selected"] == [browser.state()["near"]])
    browser.key("w", "KeyW", "w")
    for _ in range(8):
        browser.key("ArrowUp", modifiers=8)
    browser.key("w", "KeyW", "w")
    check(f"{name}: W makes a walk", browser.until("explorer.state().walk && explorer.state().walk.ready"))
    unit = browser.state()["view"]["unit"]
    browser.key("+", "Equal", "+")
    check(f"{name}: plus zooms", browser.state()["view"]["unit"] > unit)
    browser.key("Escape")
    check(f"{name}: Escape clears", browser.state()["selected"] == [] and browser.state()["walk"] is None)
    browser.key("0", "Digit0", "0")
    # The pad: a round body, a head and legs.
    browser.click("#pad-box summary")
    pad_left, pad_top, side, _ = browser.box("#pad")
    at = lambda x, y: (pad_left + x * side, pad_top + y * side)
    browser.drag([at(x, y) for x, y in circle(.45, .45, .22)])
    browser.drag([at(x, y) for x, y in circle(.75, .4, .09)])
    browser.drag([at(.35, .66), at(.35, .78), at(.35, .88)])
    browser.drag([at(.55, .66), at(.55, .78), at(.55, .88)])
    check(f"{name}: a drawing of one's own lands", browser.until("explorer.state().yours && explorer.state().yours.strokes === 4 && document.getElementById('pad-facts').textContent.includes('Squared error')"))
    yours = browser.state()["yours"]
    check(f"{name}: what the model sees is 28 x 28 ink", len(yours["ink"]) == 784 and 0.05 < sum(yours["ink"]) / 784 / 255 < 0.4 and max(yours["ink"]) == 255)
    # As Quick, Draw! fits drawings: the longer side 255 + 16 of 304 units, centred.
    rows = [k // 28 for k, v in enumerate(yours["ink"]) if v > 20]
    cols = [k % 28 for k, v in enumerate(yours["ink"]) if v > 20]
    spans = [max(rows) - min(rows) + 1, max(cols) - min(cols) + 1]
    middles = [(max(rows) + min(rows)) / 2, (max(cols) + min(cols)) / 2]
    check(f"{name}: it fills 28 x 28 as the others do", 24 <= max(spans) <= 26 and all(abs(m - 13.5) <= 0.5 for m in middles), f"{spans}, {middles}")
    browser.click("#pad-go")
    check(f"{name}: and can be gone to", math.dist(browser.state()["at"], yours["code"][:2]) < 1e-5)
    decoded = browser.wait_js("explorer.decode(arguments[0])", yours["code"])
    error = sum((a - b) ** 2 for a, b in zip(yours["ink"], decoded)) / 255 ** 2
    check(f"{name}: its squared error is that of its reconstruction", abs(error - yours["error"]) < 0.02 * error + 0.05, f"{error:.2f} and {yours['error']:.2f}")
    # Backdrop.
    browser.click("#backdrop")
    check(f"{name}: decoded drawings lie behind", browser.until("Array.from(document.getElementById('back').getContext('2d').getImageData(0, 0, document.getElementById('back').width, document.getElementById('back').height).data).some((v) => v > 0)"))
    # A last selection.
    browser.click("#mode-lasso")
    browser.box("#over")
    left, top, width, height = browser.box("#over")
    browser.drag(circle(left + width / 2, top + height / 2, 90))
    browser.click("#mode-move")
    return browser.state()["selected"]


def sliders(browser, name):
    check(f"{name}: there is a slider for each other dimension", browser.js("Array.from(document.querySelectorAll('#slider-list input'), (e) => e.id)") == ["dim-3", "dim-4"])
    look = lambda: browser.js("explorer.timings.decode.length")
    seen = set()
    for value in (0, 250, 1000):
        before = look()
        browser.set("#dim-3", value)
        browser.until(f"explorer.timings.decode.length > {before}")
        seen.add(browser.js("document.getElementById('decoded').toDataURL()"))
    check(f"{name}: a slider changes what is decoded", len(seen) == 3)
    browser.click("#take-code")
    near = browser.state()["near"]
    check(f"{name}: the sliders take a drawing's code", near >= 0)
    browser.click("#take-median")


def shots(url, name):
    for theme in ("light", "dark"):
        for size, (width, height, scale, mobile) in {"desktop": (1280, 860, 1, False), "phone": (390, 844, 2, True)}.items():
            browser = Browser(width, height, theme == "dark", scale, mobile)
            browser.open(url)
            browser.click("#backdrop")
            left, top, w, h = browser.box("#over")
            browser.mouse("mouseMoved", left + w * .6, top + h * .4)
            browser.until("explorer.state().looked[0] === explorer.state().at[0]")
            browser.wait_js("new Promise((r) => setTimeout(r, 600))")
            browser.screenshot(folder / f"{name}-{size}-{theme}.png", whole=mobile)
            browser.close()


if "big" in only:
    gadget = Gadget("big", folder)
    browser = Browser()
    browser.open(gadget.url)
    check("big: all points are there", browser.state()["n"] == 126121 and browser.state()["shown"] == 126121)
    measure(browser, "big", gadget.seconds)
    browser.screenshot(folder / "big.png")
    browser.click("#mode-lasso")
    left, top, width, height = browser.box("#over")
    browser.drag(circle(left + width / 2, top + height / 2, 60))
    selected = browser.state()["selected"]
    check("big: the lasso selects among all", len(selected) > 1000, len(selected))
    browser.until("document.getElementById('thumbs').height === 1500")
    browser.wait_js("new Promise((r) => setTimeout(r, 300))")
    browser.screenshot(folder / "big-selected.png")
    no_markup(browser, "big")
    browser.click("#done")
    check("big: Done gives R the rows", gadget.rows() == [i + 1 for i in selected])
    browser.close()
    gadget.end()

if "uncoded" in only:
    gadget = Gadget("uncoded", folder)
    browser = Browser()
    browser.driver.set_script_timeout(120)
    browser.open(gadget.url)
    began = time.time()
    state = browser.state()
    check("uncoded: the page opens before the drawings are encoded", 2000 <= state["encoded"] < 20000 and state["shown"] == state["encoded"], state["encoded"])
    check("uncoded: it says so", browser.until("/^Encoded [0-9]+ %$/.test(document.getElementById('progress').textContent) && !document.getElementById('progress').hidden"))
    browser.screenshot(folder / "uncoded-start.png")
    view = state["view"]
    measure(browser, "uncoded", gadget.seconds)
    check("uncoded: zooming out and in again is where it was", browser.state()["view"] == view)
    rested = browser.wait_js(RESTED)
    median, worst = middle_and_worst(rested)
    check("uncoded: decodes in under 100 ms while R encodes", median < 100, f"median {median:.1f} ms, 95 % {worst:.1f} ms")
    check("uncoded: more points have come", browser.until(f"explorer.state().encoded > {state['encoded']} && explorer.state().encoded < {state['n']}"), browser.state()["encoded"])
    # What is not there cannot be selected; what is there can, and its row is right.
    browser.click("#mode-lasso")
    left, top, width, height = browser.box("#over")
    browser.drag(circle(left + width / 2, top + height / 2, 100))
    selected = browser.state()["selected"]
    places = browser.js("arguments[0].map((i) => explorer.toPixel(...explorer.pointOf(i)))", selected)
    check("uncoded: the lasso takes points that are there", 100 < len(selected) < browser.state()["encoded"] and all(a is not None and math.dist((a, b), (width / 2, height / 2)) < 101 for a, b in places), len(selected))
    browser.click("#clear")
    browser.click("#select-shown")
    state = browser.state()
    check("uncoded: all shown are those that are there", state["encoded"] - 20000 < len(state["selected"]) <= state["encoded"] < state["n"], len(state["selected"]))
    browser.click("#clear")
    browser.click("#filters .filter input")
    state = browser.state()
    check("uncoded: filters count those that are there", 0.6 * state["encoded"] < state["shown"] < 0.73 * state["encoded"], f"{state['shown']} of {state['encoded']}")
    browser.click("#filters .filter input")
    browser.click("#mode-walk")
    browser.drag([(left + 150 + 12 * k, top + height / 2 + 40 * math.sin(k / 3)) for k in range(30)])
    check("uncoded: a path plays meanwhile", browser.until("explorer.state().walk && explorer.state().walk.playing && explorer.state().walk.share > .1"))
    browser.click("#walk-clear")
    browser.click("#mode-move")
    browser.screenshot(folder / "uncoded-middle.png")
    view = browser.state()["view"]
    idle, have = time.time(), browser.state()["encoded"]
    check("uncoded: all points are there in the end", browser.until("explorer.state().encoded === 126121 && explorer.state().shown === 126121", 400))
    took = time.time() - began
    rate = (126121 - have) / (time.time() - idle)
    note(f"uncoded: all encoded {took:.0f} s after opening, the questions above among them; vae_encode() alone takes {gadget.encode:.0f} s")
    note(f"uncoded: with nobody at work {rate:.0f} drawings a second, {100 * rate * gadget.encode / 126121:.0f} % of what vae_encode() alone does")
    check("uncoded: the map has not moved, the line is gone", browser.state()["view"] == view and browser.js("document.getElementById('progress').hidden"))
    browser.screenshot(folder / "uncoded-end.png")
    no_markup(browser, "uncoded")
    browser.click("#select-shown")
    browser.click("#done")
    check("uncoded: Done gives R all rows", gadget.rows() == list(range(1, 126122)))
    browser.close()
    gadget.end()

if "small" in only:
    gadget = Gadget("small", folder)
    browser = Browser()
    browser.open(gadget.url)
    selected = use(browser, "small", live=True)
    browser.screenshot(folder / "small.png")
    no_markup(browser, "small")
    browser.close()
    check("small: closing the page gives R the rows", selected != [] and gadget.rows() == [i + 1 for i in selected])
    gadget.end()

if "four" in only:
    gadget = Gadget("four", folder)
    browser = Browser()
    browser.open(gadget.url)
    sliders(browser, "four")
    browser.set("#across", 2, "change")
    check("four: the axes can be chosen", browser.state()["axes"] == [2, 1] and browser.js("Array.from(document.querySelectorAll('#slider-list input'), (e) => e.id)") == ["dim-1", "dim-4"])
    browser.screenshot(folder / "four.png")
    no_markup(browser, "four")
    browser.click("#done")
    check("four: nothing selected is no rows", gadget.rows() == [])
    browser.close()
    gadget.end()

if "later" in only:
    gadget = Gadget("later", folder)
    browser = Browser()
    browser.open(gadget.url)
    check("later: the page opens before the drawings are encoded and scored", browser.state()["encoded"] < 20000 and not browser.state()["scored"] and browser.js("document.querySelector('#colour [value=error]').disabled"))
    median, worst = middle_and_worst(browser.wait_js(LATENCY))
    check("later: pointing does not wait for codes and scores", median < 100, f"median {median:.1f} ms, 95 % {worst:.1f} ms")
    check("later: progress of codes is told", browser.until("/^Encoded [1-9][0-9]* %/.test(document.getElementById('progress').textContent)"))
    check("later: codes come", browser.until("explorer.state().encoded === 20000 && explorer.state().shown === 20000", 60))
    check("later: progress of scores is told", browser.until("/errors.* [1-9][0-9]* %/.test(document.getElementById('progress').textContent)"))
    check("later: scores come", browser.until("explorer.state().scored", 60))
    check("later: and are of use", browser.js("!document.querySelector('#colour [value=error]').disabled && !document.getElementById('score-filter').hidden") and "squared error" in browser.js("document.getElementById('facts').textContent"))
    browser.set("#least", 900)
    check("later: they filter", 1900 < browser.state()["shown"] < 2100, browser.state()["shown"])
    no_markup(browser, "later")
    browser.close()
    gadget.end()

if "intruder" in only:
    gadget = Gadget("far", folder)
    intrude(gadget.url, check, gadget.rows)
    gadget.end()
    gadget = Gadget("small", folder)
    browser = Browser()
    browser.open(gadget.url)
    second = Browser()
    second.driver.get(gadget.url)
    check("intruder: a second tab says that the explorer is open elsewhere", second.until("/open in another page/.test(document.getElementById('title').textContent)"))
    second.close()
    time.sleep(4)
    check("intruder: R goes on when a second tab closes", gadget.process.poll() is None)
    browser.open(gadget.url)
    check("intruder: the owner's page loads anew", browser.state()["shown"] == 2000)
    browser.click("#select-shown")
    no_markup(browser, "intruder")
    browser.click("#done")
    check("intruder: R gets the owner's rows, nobody else's", gadget.rows() == list(range(1, 2001)))
    browser.close()
    gadget.end()
    gadget = Gadget("small", folder)
    browser = Browser()
    browser.open(gadget.url)
    browser.close()
    check("intruder: closing the page ends the call", gadget.rows() == [])
    gadget.end()

if "far" in only:
    gadget = Gadget("far", folder)
    browser = Browser()
    browser.open(gadget.url)
    x, y = browser.js("explorer.toPixel(-80, 29)")
    width, height = browser.box("#over")[2:]
    check("far: the map opens on where most drawings lie", not (0 <= x <= width and 0 <= y <= height))
    check("far: it says how many lie outside", browser.js("document.getElementById('outside').textContent") == "1 point lies outside: Whole map shows all.")
    browser.screenshot(folder / "far-bulk.png")
    view = browser.state()["view"]
    browser.click("#whole")
    x, y = browser.js("explorer.toPixel(-80, 29)")
    check("far: the whole map shows all", 0 <= x <= width and 0 <= y <= height)
    browser.screenshot(folder / "far-whole.png")
    browser.mouse("mouseMoved", *browser.on_map(-80, 29))
    check("far: the far drawing is found", browser.until("explorer.state().near === 41"))
    browser.click("#bulk")
    check("far: and back", browser.state()["view"] == view)
    browser.close()
    gadget.end()

if "files" in only:
    subprocess.run(["Rscript", str(HERE / "serve.R"), "files", str(folder)], check=True)
    size = (folder / "ten_thousand.html").stat().st_size / 1e6
    check("files: 10,000 points and a 40 x 40 grid take under 10 MB", size < 10, f"{size:.1f} MB")
    url = lambda name: (folder / name).resolve().as_uri()
    browser = Browser()
    browser.offline()
    browser.open(url("ten_thousand.html"))
    measure(browser, "offline, 10,000")
    browser.open(url("small.html"))
    use(browser, "offline", live=False)
    browser.screenshot(folder / "offline.png")
    no_markup(browser, "offline")
    browser.open(url("four.html"))
    sliders(browser, "offline, four")
    no_markup(browser, "offline, four")
    # In a frame of another page, as vignettes embed it.
    frame = folder / "frame.html"
    frame.write_text("<!DOCTYPE html><meta charset=utf-8><iframe id=f width=900 height=700></iframe><script>0</script>")
    browser.driver.get(frame.as_uri())
    browser.js("void (document.getElementById('f').srcdoc = arguments[0])", (folder / "small.html").read_text())
    check("offline: works in an iframe's srcdoc", browser.until("document.getElementById('f').contentDocument && document.getElementById('f').contentDocument.documentElement.dataset.ready === 'yes'", 20))
    browser.close()
    shots(url("small.html"), "offline")
    for size, (width, height, scale, mobile) in {"desktop": (1280, 860, 1, False), "phone": (390, 844, 2, True)}.items():
        browser = Browser(width, height, False, scale, mobile)
        browser.driver.get(url("report.html"))
        check(f"report, {size}: nothing is wider than the page", browser.js("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))
        check(f"report, {size}: markup in title and labels is text", browser.js("window.ran === undefined && document.querySelector('h1 *, section script') === null"))
        headings = browser.js("Array.from(document.querySelectorAll('h2'), (h) => h.textContent)")
        check(f"report, {size}: is whole", len(headings) == 9, ", ".join(headings))
        browser.screenshot(folder / f"report-{size}.png", whole=True)
        browser.close()
finish()
