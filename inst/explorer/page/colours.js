// Colours, filters and the order of drawing.
const abgr = (hex) => (0xff000000 | parseInt(hex.slice(5, 7), 16) << 16 | parseInt(hex.slice(3, 5), 16) << 8 | parseInt(hex.slice(1, 3), 16)) >>> 0;
const noise = () => isDark() ? "#5d6066" : "#BFBFBF";
// Seven colours, seven darker, seven lighter (R/theme.R): on dark paper the lighter ones come first.
const palette = () => isDark() ? [...meta.palette.slice(0, 7), ...meta.palette.slice(14), ...meta.palette.slice(7, 14)] : meta.palette;
const groupColour = (kind, k) => kind === "cluster" && meta.groups.cluster[k] === "noise" ? noise() : palette()[k % meta.palette.length];
// The end of the ramp that the background would swallow is left out.
const ramp = () => isDark() ? meta.ramp.slice(12) : meta.ramp.slice(0, -7);
function fade(colour) {
  const paper = isDark() ? 0xff221f1d : 0xffffffff, mix = (shift) => Math.round(0.2 * (colour >>> shift & 255) + 0.8 * (paper >>> shift & 255)) << shift;
  return (0xff000000 | mix(0) | mix(8) | mix(16)) >>> 0;
}
function density() {
  const cells = 200, count = new Float32Array(cells * cells), of = new Int32Array(n), value = new Float32Array(n);
  for (let i = 0; i < n; i++) if (there[i]) {
    const cx = clamp(Math.floor((xs[i] - left) / (right - left) * cells), 0, cells - 1), cy = clamp(Math.floor((ys[i] - bottom) / (top - bottom) * cells), 0, cells - 1);
    count[of[i] = cy * cells + cx]++;
  }
  for (let i = 0; i < n; i++) if (there[i]) {
    for (const line of [-cells, 0, cells]) for (const step of [-1, 0, 1]) value[i] += count[of[i] + line + step] || 0;
    value[i] /= 9;
  }
  return value;
}
const level = new Uint8Array(n); // what lies above what
// A fixed shuffled order: in the order of rows the last group would cover the others.
const shuffled = new Uint32Array(n);
for (let i = 0, seed = 1; i < n; i++) {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  const k = Math.floor(seed / 4294967296 * (i + 1));
  shuffled[i] = shuffled[k]; shuffled[k] = i;
}
function recolour() {
  const by = byId("colour").value, kind = groups[by];
  byId("ramp-box").hidden = Boolean(kind) || by === "none";
  if (kind) {
    const table = kind.names.map((_, k) => abgr(groupColour(by, k)));
    for (let i = 0; i < n; i++) { colours[i] = table[kind.of[i]]; level[i] = kind.names[kind.of[i]] === "noise" ? 0 : 1; }
  } else if (by === "none") {
    colours.fill(abgr(palette()[0])); level.fill(0);
  } else {
    const values = by === "error" ? mse : density(), sorted = by === "error" ? sortedError : values.filter((_, i) => there[i]).sort();
    const low = sorted[0], most = sorted[Math.floor((sorted.length - 1) * 0.99)], shades = ramp().map(abgr);
    for (let i = 0; i < n; i++) {
      const share = most > low ? clamp((values[i] - low) / (most - low), 0, 1) : 0;
      level[i] = Math.min(shades.length - 1, Math.floor((by === "error" ? share : Math.sqrt(share)) * shades.length));
      colours[i] = shades[level[i]];
    }
    byId("ramp").style.background = `linear-gradient(to right, ${ramp().join(", ")})`;
    const text = (x) => x >= 100 ? number(Math.round(x)) : x.toPrecision(2);
    byId("ramp-low").textContent = by === "error" ? text(low) : "sparse"; byId("ramp-high").textContent = by === "error" ? text(most) + " and more" : "dense";
    byId("ramp-name").textContent = by === "error" ? "squared error" : "";
  }
  if (pickedRows.length) for (let i = 0; i < n; i++) if (picked[i]) level[i] += 64; else colours[i] = fade(colours[i]);
  for (const p of painters) p.colours(colours);
  for (const [name, one] of Object.entries(groups)) one.swatches.forEach((dot, k) => {
    dot.style.visibility = name === by ? "visible" : "hidden"; dot.style.background = groupColour(name, k);
  });
  refilter();
}
function errorLimits() {
  const value = (id) => sortedError[Math.round((n - 1) * byId(id).value / 1000)];
  return [+byId("least").value === 0 ? -Infinity : value("least"), +byId("most").value === 1000 ? Infinity : value("most")];
}
function refilter() {
  const [least, most] = mse ? errorLimits() : [-Infinity, Infinity], kinds = Object.values(groups), starts = new Uint32Array(257), keep = new Uint8Array(n);
  if (mse) for (const id of ["least", "most"]) {
    byId(id + "-value").textContent = sortedError[Math.round((n - 1) * byId(id).value / 1000)].toFixed(1);
  }
  for (let i = 0; i < n; i++) {
    let ok = there[i] && (mse === null || (mse[i] >= least && mse[i] <= most));
    for (const kind of kinds) if (kind.hidden[kind.of[i]]) ok = false;
    if (ok) { keep[i] = 1; starts[level[i] + 1]++; }
  }
  for (let k = 0; k < 256; k++) starts[k + 1] += starts[k];
  order = new Uint32Array(starts[256]);
  for (const i of shuffled) if (keep[i]) order[starts[level[i]]++] = i;
  shown = order;
  nearest = makeIndex(xs, ys, shown, [left, right, bottom, top]);
  for (const p of painters) p.order(order);
  byId("shown").textContent = `${number(shown.length)} of ${number(n)} drawings shown`;
  byId("select-shown").disabled = shown.length === 0;
  moved();
}
