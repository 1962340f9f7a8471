// All is there: the first picture, and what tests drive the page by.
useAxes();
resize();
at = [(left + right) / 2, (bottom + top) / 2];
showSliders(); drawPad(); gallery();
recolour();
choosePainter();
new ResizeObserver(resize).observe(map);
pointTo(...at);
// For tests that drive the page.
window.explorer = {
  timings,
  state: () => ({ n, d, at, near, mode, view, axes, encoded, shown: shown.length, selected: pickedRows, scored: mse !== null, painter: painter.name, middle: Array.from(middle),
    walk: walk && { share: walk.share, ready: Boolean(walk.bytes), playing: byId("walk-play").textContent === "Pause" }, yours: yours && { ...yours, code: Array.from(yours.code), ink: Array.from(yours.ink) },
    looked: lastLook && [lastLook.x, lastLook.y, lastLook.row] }),
  toPixel: (x, y) => [toX(x) / scale, toY(y) / scale],
  pointOf: (i) => [xs[i], ys[i]],
  decode: async (code) => Array.from(await source.decode(Float32Array.from(code))),
  nearest: (x, y) => nearest(x, y),
};
timings.ready = performance.now();
if (source.ready) source.ready();
document.documentElement.dataset.ready = "yes";
