// What the page holds: the numbers that came, and where the reader is.
const { n, d, rows: high, cols: wide } = meta, size = high * wide;
const arrays = await source.arrays(), { z, cluster, label } = arrays;
const groups = {};
if (cluster) groups.cluster = { of: cluster, names: meta.groups.cluster, title: "Cluster" };
if (label) groups.label = { of: label, names: meta.groups.label, title: "Label" };
for (const kind of Object.values(groups)) {
  kind.count = new Uint32Array(kind.names.length); kind.hidden = new Uint8Array(kind.names.length);
  for (let i = 0; i < n; i++) kind.count[kind.of[i]]++;
}
let mse = null, sortedError;
// Drawings that have a code: only they are drawn, found, selected and counted as shown.
const there = new Uint8Array(n);
for (let i = 0; i < n; i++) there[i] = Number.isNaN(z[i * d]) ? 0 : 1;
let encoded = there.reduce((sum, is) => sum + is, 0);
const back = byId("back"), over = byId("over"), lens = byId("lens"), map = byId("map");
const painters = [glPainter(byId("gl")), rasterPainter(byId("raster"))].filter(Boolean);
let axes = meta.dims.slice(), xs, ys, left, right, bottom, top, ends, nearest;
const middle = Float32Array.from(meta.medians);
let view, width, height, scale, painter = null, mode = "move", at, near = -1, lasso = null, walk = null, yours = null;
let order = new Uint32Array(0), shown = order, picked = new Uint8Array(n), pickedRows = [];
const colours = new Uint32Array(n), timings = { decode: [], frame: [] };

const darkNow = matchMedia("(prefers-color-scheme: dark)");
function theme(dark) {
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  byId("theme").textContent = dark ? "Light" : "Dark";
}
const isDark = () => document.documentElement.dataset.theme === "dark";
theme(darkNow.matches);
byId("title").textContent = meta.title;
