// The latent explorer's page, live (R/latent_explorer.R: a Shiny session decodes) and offline
// (R/save_explorer.R: decoded drawings lie in the page and are blended). Nothing is loaded from elsewhere.
// All text that comes from data goes through textContent. Tests: tests/browser/.
"use strict";
(() => {
const byId = (id) => document.getElementById(id);
const number = (x) => x.toLocaleString("en");
const clamp = (x, low, high) => Math.max(low, Math.min(high, x));
const fail = (error) => { byId("status").textContent = error.message || String(error); byId("status").hidden = false; };

// One question at a time; of those that come meanwhile only the last is asked.
function latest(work) {
  let running = false, next = null;
  return async (...given) => {
    next = given;
    if (running) return;
    running = true;
    try {
      while (next) { const now = next; next = null; await work(...now); }
    } catch (error) { fail(error); } finally { running = false; }
  };
}

// ---- where numbers and drawings come from -----------------------------------------------------------
// Both sources give: arrays() -> {z, mse, cluster, label}; decode(codes) and thumbs(rows) -> bytes, one drawing
// after the other; place(ink) -> {code, error, redrawn}, the drawing of `ink` in latent space. Of many drawings R
// encodes most, and scores all, while the page is open: codes that are not there yet are NaN, mse is null, and
// codes(had) and scores() fetch what there is when R sends the message "progress".

async function unpack(text) {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}

function liveSource(meta, url) {
  const token = new URLSearchParams(location.search).get("token");
  let told = -Infinity;
  // Somebody is at work here: R and this page share the machine, and what R does by itself can wait.
  function busy() {
    if (performance.now() > told + 100) Shiny.setInputValue("busy", told = performance.now(), { priority: "event" });
  }
  async function ask(what, body) {
    if (what === "decode" || what === "thumbs" || what === "place") busy();
    const answer = await fetch(`${url}&ask=${what}`, { method: "POST", body, headers: { "X-Explorer-Token": token } });
    if (!answer.ok) throw new Error(await answer.text());
    return answer.arrayBuffer();
  }
  return {
    busy,
    async arrays() {
      const all = await ask("data", new Uint8Array(0)), n = meta.n;
      let at = 0;
      const take = (Type, length) => { const part = new Type(all, at, length); at += 4 * length; return part; };
      const z = take(Float32Array, n * meta.d), mse = meta.scored ? take(Float32Array, n) : null, names = meta.groups;
      return { z, mse, cluster: names.cluster && take(Int32Array, n), label: names.label && take(Int32Array, n) };
    },
    decode: async (codes) => new Uint8Array(await ask("decode", codes)),
    thumbs: async (rows) => new Uint8Array(await ask("thumbs", Int32Array.from(rows))),
    scores: async () => new Float32Array(await ask("scores", new Uint8Array(0))),
    // Those after the first `had` that came.
    async codes(had) {
      const answer = await ask("codes", Int32Array.of(had)), many = answer.byteLength / 4 / (meta.d + 1);
      return { rows: new Int32Array(answer, 0, many), codes: new Float32Array(answer, 4 * many) };
    },
    async place(ink) {
      const answer = await ask("place", ink), numbers = new Float32Array(answer, 0, meta.d + 1);
      return { code: numbers.slice(0, meta.d), error: numbers[meta.d], redrawn: new Uint8Array(answer, 4 * (meta.d + 1)) };
    },
  };
}

function bakedSource(meta) {
  const size = meta.rows * meta.cols, { dims, grid: g, others } = meta.baked;
  const low = dims.map((k) => meta.limits[2 * k]), high = dims.map((k) => meta.limits[2 * k + 1]);
  let planes, pixels;
  // Adds `share` of the drawing that the four nearest places of a plane blend to.
  function blend(out, plane, x, y, share) {
    const gx = clamp((x - low[0]) / (high[0] - low[0]) * (g - 1), 0, g - 1), gy = clamp((y - low[1]) / (high[1] - low[1]) * (g - 1), 0, g - 1);
    const cx = Math.min(g - 2, Math.floor(gx)), cy = Math.min(g - 2, Math.floor(gy)), u = gx - cx, v = gy - cy;
    const a = (plane * g * g + cy * g + cx) * size, c = a + g * size;
    for (let p = 0; p < size; p++) {
      out[p] += share * ((1 - v) * ((1 - u) * planes[a + p] + u * planes[a + size + p]) + v * ((1 - u) * planes[c + p] + u * planes[c + size + p]));
    }
  }
  // The plane of the first two dimensions, and what moving along each other dimension changes.
  function decode(code, out) {
    const x = code[dims[0]], y = code[dims[1]];
    let base = 1;
    for (const { dim, values, plane } of others) {
      const at = clamp(code[dim], values[0], values[values.length - 1]);
      let i = 0;
      while (i < values.length - 2 && at > values[i + 1]) i++;
      const t = (at - values[i]) / (values[i + 1] - values[i]);
      for (const [k, share] of [[i, 1 - t], [i + 1, t]]) {
        if (share === 0) continue;
        if (plane[k] === 0) base += share; else blend(out, plane[k], x, y, share);
      }
      base -= 1;
    }
    if (base !== 0) blend(out, 0, x, y, base);
    for (let p = 0; p < size; p++) out[p] = clamp(Math.round(out[p]), 0, 255);
    return out;
  }
  function errorOf(ink, code) {
    const out = decode(code, new Float32Array(size));
    let sum = 0;
    for (let p = 0; p < size; p++) sum += (ink[p] - out[p]) ** 2;
    return sum / 65025;
  }
  return {
    busy() {},
    async arrays() {
      planes = new Uint8Array(await unpack(meta.baked.planes));
      pixels = new Uint8Array(await unpack(meta.pixels));
      const part = async (name, Type) => meta[name] && new Type(await unpack(meta[name]));
      return { z: await part("z", Float32Array), mse: await part("mse", Float32Array), cluster: await part("cluster", Int32Array), label: await part("label", Int32Array) };
    },
    async decode(codes) {
      const m = codes.length / meta.d, all = new Uint8Array(m * size);
      for (let i = 0; i < m; i++) all.set(decode(codes.subarray(i * meta.d, (i + 1) * meta.d), new Float32Array(size)), i * size);
      return all;
    },
    async thumbs(rows) {
      const all = new Uint8Array(rows.length * size);
      rows.forEach((row, k) => all.set(pixels.subarray(row * size, (row + 1) * size), k * size));
      return all;
    },
    // No encoder here: the code whose decoded drawing is nearest, first of all places, then by ever smaller steps.
    async place(ink) {
      let code = Float32Array.from(meta.medians), best = Infinity;
      for (let row = 0; row < g; row++) for (let col = 0; col < g; col++) {
        let sum = 0;
        for (let p = 0, at = (row * g + col) * size; p < size; p++) sum += (ink[p] - planes[at + p]) ** 2;
        if (sum >= best) continue;
        best = sum;
        code[dims[0]] = low[0] + col / (g - 1) * (high[0] - low[0]); code[dims[1]] = low[1] + row / (g - 1) * (high[1] - low[1]);
      }
      best = errorOf(ink, code);
      for (let share = 1 / (g - 1), round = 0; round < 24; round++) {
        let better = false;
        for (let k = 0; k < meta.d; k++) for (const sign of [-1, 1]) {
          const next = code.slice(), span = meta.limits[2 * k + 1] - meta.limits[2 * k];
          next[k] = clamp(next[k] + sign * share * span, meta.limits[2 * k], meta.limits[2 * k + 1]);
          const error = errorOf(ink, next);
          if (error < best) { best = error; code = next; better = true; }
        }
        if (!better) share /= 2;
      }
      return { code, error: best, redrawn: Uint8Array.from(decode(code, new Float32Array(size))) };
    },
  };
}

// ---- finding points: those of `rows` in cells of a grid ------------------------------------------------
function makeIndex(xs, ys, rows, [left, right, bottom, top]) {
  const side = clamp(Math.ceil(Math.sqrt(rows.length / 2)), 1, 400);
  const wide = (right - left) / side, high = (top - bottom) / side;
  const column = (x) => clamp(Math.floor((x - left) / wide), 0, side - 1), line = (y) => clamp(Math.floor((y - bottom) / high), 0, side - 1);
  const start = new Uint32Array(side * side + 1), items = new Uint32Array(rows.length);
  for (const i of rows) start[line(ys[i]) * side + column(xs[i]) + 1]++;
  for (let c = 0; c < side * side; c++) start[c + 1] += start[c];
  const next = start.slice();
  for (const i of rows) items[next[line(ys[i]) * side + column(xs[i])]++] = i;
  return (x, y) => {
    let best = -1, least = Infinity;
    const cx = column(x), cy = line(y), cell = Math.min(wide, high);
    for (let ring = 0; ring < side; ring++) {
      // Whatever lies in this ring or beyond is at least so far away.
      if (ring > 0 && least <= ((ring - 1) * cell) ** 2) break;
      for (let row = Math.max(0, cy - ring); row <= Math.min(side - 1, cy + ring); row++) {
        const step = row === cy - ring || row === cy + ring ? 1 : Math.max(1, 2 * ring);
        for (let col = cx - ring; col <= cx + ring; col += step) {
          if (col < 0 || col >= side) continue;
          for (let k = start[row * side + col]; k < start[row * side + col + 1]; k++) {
            const dx = xs[items[k]] - x, dy = ys[items[k]] - y, far = dx * dx + dy * dy;
            if (far < least || (far === least && items[k] < best)) { least = far; best = items[k]; }
          }
        }
      }
    }
    return best;
  };
}

// ---- two ways to draw many points; which is faster is measured when the page opens ---------------------
function glPainter(canvas) {
  const gl = canvas.getContext("webgl2", { antialias: false, depth: false, stencil: false });
  if (!gl) return null;
  const shader = (kind, text) => { const s = gl.createShader(kind); gl.shaderSource(s, text); gl.compileShader(s); return s; };
  const program = gl.createProgram();
  gl.attachShader(program, shader(gl.VERTEX_SHADER, `attribute vec2 at; attribute vec4 tint; uniform vec2 middle, unit; uniform float size; varying vec4 colour;
    void main() { gl_Position = vec4((at - middle) * unit, 0., 1.); gl_PointSize = size; colour = tint; }`));
  gl.attachShader(program, shader(gl.FRAGMENT_SHADER, `precision highp float; varying vec4 colour; uniform float size;
    void main() { if (size > 3.5) { vec2 d = gl_PointCoord - .5; if (dot(d, d) > .25) discard; } gl_FragColor = colour; }`));
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) return null;
  gl.useProgram(program);
  const at = gl.createBuffer(), tint = gl.createBuffer(), list = gl.createBuffer(), place = (name) => gl.getUniformLocation(program, name);
  const attribute = (name, buffer, count, type, normalized) => {
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    const k = gl.getAttribLocation(program, name);
    gl.enableVertexAttribArray(k); gl.vertexAttribPointer(k, count, type, normalized, 0, 0);
  };
  const [uMiddle, uUnit, uSize] = ["middle", "unit", "size"].map(place);
  let count = 0;
  return {
    name: "webgl", canvas,
    places(xs, ys) {
      const both = new Float32Array(2 * xs.length);
      for (let i = 0; i < xs.length; i++) { both[2 * i] = xs[i]; both[2 * i + 1] = ys[i]; }
      attribute("at", at, 2, gl.FLOAT, false);
      gl.bufferData(gl.ARRAY_BUFFER, both, gl.STATIC_DRAW);
    },
    colours(colours) { attribute("tint", tint, 4, gl.UNSIGNED_BYTE, true); gl.bufferData(gl.ARRAY_BUFFER, colours, gl.DYNAMIC_DRAW); },
    order(order) { count = order.length; gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, list); gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, order, gl.DYNAMIC_DRAW); },
    draw(view, size) {
      gl.viewport(0, 0, canvas.width, canvas.height);
      gl.clearColor(0, 0, 0, 0); gl.clear(gl.COLOR_BUFFER_BIT);
      gl.uniform2f(uMiddle, view.x, view.y); gl.uniform2f(uUnit, 2 * view.unit / canvas.width, 2 * view.unit / canvas.height); gl.uniform1f(uSize, size);
      gl.drawElements(gl.POINTS, count, gl.UNSIGNED_INT, 0);
    },
    finish() { gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4)); },
  };
}

function rasterPainter(canvas) {
  const context = canvas.getContext("2d", { willReadFrequently: true });
  let xs, ys, colours, order, image, buffer;
  return {
    name: "raster", canvas,
    places(x, y) { xs = x; ys = y; },
    colours(c) { colours = c; },
    order(o) { order = o; },
    draw(view, size) {
      const { width, height } = canvas;
      if (!image || image.width !== width || image.height !== height) {
        image = context.createImageData(width, height);
        buffer = new Uint32Array(image.data.buffer);
      } else buffer.fill(0);
      const side = Math.max(1, Math.round(size)), left = width / 2 - view.x * view.unit - side / 2, top = height / 2 + view.y * view.unit - side / 2, unit = view.unit;
      // Corners cut off: a disc as far as so few pixels go.
      const cut = side > 6 ? 2 : side > 3 ? 1 : 0;
      for (let k = 0; k < order.length; k++) {
        const i = order[k], px = Math.round(xs[i] * unit + left), py = Math.round(top - ys[i] * unit);
        if (px < 0 || py < 0 || px + side > width || py + side > height) continue;
        const colour = colours[i];
        for (let y = 0; y < side; y++) {
          const less = Math.max(0, cut - Math.min(y, side - 1 - y)), from = (py + y) * width + px;
          for (let x = less; x < side - less; x++) buffer[from + x] = colour;
        }
      }
      context.putImageData(image, 0, 0);
    },
    finish() { context.getImageData(0, 0, 1, 1); },
  };
}

// ---- the page ---------------------------------------------------------------------------------------------
async function start(meta, source) {
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

  // ---- view: the middle of the map and how many pixels a unit has
  const toX = (x) => (x - view.x) * view.unit + width / 2, toY = (y) => height / 2 - (y - view.y) * view.unit;
  const fromX = (px) => (px - width / 2) / view.unit + view.x, fromY = (py) => (height / 2 - py) / view.unit + view.y;
  // The map opens on where most points lie: the limits, by the rule of R/map_limits.R.
  function bulkView() {
    view = { x: (left + right) / 2, y: (bottom + top) / 2, unit: 0.94 * wholeUnit() };
  }
  // And shows all, the farthest too, on request.
  function wholeView() {
    const [x0, x1, y0, y1] = ends;
    view = { x: (x0 + x1) / 2, y: (y0 + y1) / 2, unit: 0.94 * Math.min(width / (x1 - x0), height / (y1 - y0)) };
  }
  function zoom(factor, px, py) {
    source.busy();
    const x = fromX(px), y = fromY(py), whole = wholeUnit();
    view.unit = clamp(view.unit * factor, Math.min(whole, height / (ends[3] - ends[2]), width / (ends[1] - ends[0])) / 20, whole * 5000);
    view.x += x - fromX(px); view.y += y - fromY(py);
    moved();
  }
  function resize() {
    const box = map.getBoundingClientRect(), before = width;
    scale = Math.min(devicePixelRatio || 1, 2);
    width = Math.max(1, Math.round(map.clientWidth * scale)); height = Math.max(1, Math.round(map.clientHeight * scale));
    for (const canvas of [back, over, byId("gl"), byId("raster")]) { canvas.width = width; canvas.height = height; }
    if (!view) bulkView(); else if (before) view.unit *= width / before;
    moved();
  }
  function useAxes() {
    xs = new Float32Array(n); ys = new Float32Array(n);
    for (let i = 0; i < n; i++) { xs[i] = z[i * d + axes[0]]; ys[i] = z[i * d + axes[1]]; }
    [left, right] = meta.limits.slice(2 * axes[0], 2 * axes[0] + 2); [bottom, top] = meta.limits.slice(2 * axes[1], 2 * axes[1] + 2);
    let outside = 0;
    ends = [left, right, bottom, top];
    for (let i = 0; i < n; i++) if (there[i] && !(xs[i] >= left && xs[i] <= right && ys[i] >= bottom && ys[i] <= top)) {
      outside++;
      ends = [Math.min(ends[0], xs[i]), Math.max(ends[1], xs[i]), Math.min(ends[2], ys[i]), Math.max(ends[3], ys[i])];
    }
    byId("outside").textContent = outside === 0 ? "" : `${number(outside)} ${outside === 1 ? "point lies" : "points lie"} outside: Whole map shows all.`;
    byId("bulk").hidden = outside === 0;
    for (const p of painters) p.places(xs, ys);
  }
  const codeAt = (x, y) => { const code = middle.slice(); code[axes[0]] = x; code[axes[1]] = y; return code; };

  // ---- colours, filters and the order of drawing
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

  // ---- drawing
  let stale = { points: true }, waiting = false;
  function moved() { stale.points = true; later(); settle(); }
  function later() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      const began = performance.now();
      if (stale.points && painter) { stale.points = false; drawBack(); painter.draw(view, pointSize()); }
      drawOver();
      timings.frame.push(performance.now() - began);
    });
  }
  const wholeUnit = () => Math.min(width / (right - left), height / (top - bottom));
  const pointSize = () => scale * clamp((encoded > 20000 ? 1.6 : encoded > 3000 ? 3 : 6) * clamp(width / scale / 800, 0.5, 1) * Math.sqrt(view.unit / wholeUnit()), 1.5, 9);
  let chosenFor;
  function choosePainter() {
    chosenFor = encoded;
    let least = Infinity, best = painters[0];
    for (const p of painters) {
      // The first frame compiles and uploads; a slow one says enough.
      let took = Infinity;
      for (let k = 0; k < 4 && (k < 2 || took < 60); k++) {
        const began = performance.now();
        p.draw(view, pointSize()); p.finish();
        took = Math.min(took, performance.now() - began);
      }
      timings[p.name] = took;
      if (took < least) { least = took; best = p; }
    }
    painter = best;
    for (const p of painters) p.canvas.hidden = p !== best;
  }

  // Decoded drawings behind the points: decoded anew for what is in view when it comes to rest.
  let mosaic = null, mosaicView = null, resting = 0;
  const decodeBack = latest(async () => {
    if (!byId("backdrop").checked) return;
    const tile = 72 * scale / view.unit, cols = [], lines = [];
    const x0 = Math.max(fromX(0), left - tile), x1 = Math.min(fromX(width), right + tile), y0 = Math.max(fromY(height), bottom - tile), y1 = Math.min(fromY(0), top + tile);
    for (let x = x0 + tile / 2; x < x1 + tile / 2; x += tile) cols.push(x);
    for (let y = y1 - tile / 2; y > y0 - tile / 2; y -= tile) lines.push(y);
    if (!cols.length || !lines.length) { mosaic = null; moved(); return; }
    const codes = new Float32Array(cols.length * lines.length * d);
    lines.forEach((y, r) => cols.forEach((x, c) => codes.set(codeAt(x, y), (r * cols.length + c) * d)));
    const bytes = await source.decode(codes), canvas = document.createElement("canvas"), ink = isDark() ? 255 : 0;
    canvas.width = cols.length * wide; canvas.height = lines.length * high;
    const image = new ImageData(canvas.width, canvas.height);
    for (let k = 0; k < cols.length * lines.length; k++) for (let p = 0; p < size; p++) {
      const to = 4 * ((Math.floor(k / cols.length) * high + Math.floor(p / wide)) * canvas.width + (k % cols.length) * wide + p % wide);
      image.data[to] = image.data[to + 1] = image.data[to + 2] = ink; image.data[to + 3] = bytes[k * size + p];
    }
    canvas.getContext("2d").putImageData(image, 0, 0);
    mosaic = canvas; mosaicView = { x: x0, y: y1, wide: cols.length * tile, high: lines.length * tile };
    stale.points = true; later();
  });
  function settle() {
    clearTimeout(resting);
    if (byId("backdrop").checked) resting = setTimeout(decodeBack, 150);
  }
  function drawBack() {
    const context = back.getContext("2d", { willReadFrequently: true });
    back.hidden = !(mosaic && byId("backdrop").checked);
    context.clearRect(0, 0, width, height);
    if (mosaic && byId("backdrop").checked) {
      context.drawImage(mosaic, toX(mosaicView.x), toY(mosaicView.y), mosaicView.wide * view.unit, mosaicView.high * view.unit);
    }
  }
  // Axes along the lower and the left edge: round numbers at least 70 pixels apart.
  function drawAxes(context, ink) {
    const rough = 80 * scale / view.unit, power = 10 ** Math.floor(Math.log10(rough)), step = power * [1, 2, 5, 10].find((k) => k * power >= rough);
    const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9)), text = (x) => (Math.abs(x) < step / 2 ? 0 : x).toFixed(digits);
    context.font = `${11 * scale}px system-ui, sans-serif`; context.fillStyle = ink; context.strokeStyle = ink; context.lineWidth = scale;
    context.beginPath();
    context.textAlign = "center"; context.textBaseline = "bottom";
    for (let x = Math.ceil(fromX(40 * scale) / step) * step; toX(x) < width - 20 * scale; x += step) {
      context.moveTo(toX(x), height); context.lineTo(toX(x), height - 5 * scale); context.fillText(text(x), toX(x), height - 6 * scale);
    }
    context.textAlign = "left"; context.textBaseline = "middle";
    for (let y = Math.ceil(fromY(height - 30 * scale) / step) * step; toY(y) > 24 * scale; y += step) {
      context.moveTo(0, toY(y)); context.lineTo(5 * scale, toY(y)); context.fillText(text(y), 8 * scale, toY(y));
    }
    context.stroke();
    context.textAlign = "right"; context.textBaseline = "bottom";
    context.fillText(`latent dimension ${axes[0] + 1} \u2192`, width - 8 * scale, height - 22 * scale);
    context.textAlign = "left"; context.textBaseline = "top";
    context.fillText(`\u2191 latent dimension ${axes[1] + 1}`, 8 * scale, 6 * scale);
  }
  function drawOver(forPicture) {
    const context = over.getContext("2d", { willReadFrequently: true }), style = getComputedStyle(document.documentElement), ink = style.getPropertyValue("--ink"), key = style.getPropertyValue("--key"), paper = style.getPropertyValue("--paper");
    context.clearRect(0, 0, width, height);
    drawAxes(context, style.getPropertyValue("--soft"));
    const ring = (x, y, radius, line, colour) => { context.lineWidth = line * scale; context.strokeStyle = colour; context.beginPath(); context.arc(toX(x), toY(y), radius * scale, 0, 7); context.stroke(); };
    if (pickedRows.length <= 40) for (const i of pickedRows) ring(xs[i], ys[i], 6, 1.5, ink);
    const halo = (draw) => { context.strokeStyle = paper; context.lineWidth = 4 * scale; draw(); context.strokeStyle = key; context.lineWidth = 2 * scale; draw(); };
    for (const line of [lasso, walk && walk.line]) if (line) halo(() => {
      context.beginPath(); line.forEach(([x, y]) => context.lineTo(toX(x), toY(y))); context.stroke();
    });
    if (walk) for (const [x, y] of walk.stops || []) ring(x, y, 4, 2, key);
    if (yours) {
      const px = toX(yours.code[axes[0]]), py = toY(yours.code[axes[1]]), r = 8 * scale;
      halo(() => { context.beginPath(); context.moveTo(px, py - r); context.lineTo(px + r, py); context.lineTo(px, py + r); context.lineTo(px - r, py); context.closePath(); context.stroke(); });
      context.font = `600 ${12 * scale}px system-ui, sans-serif`; context.textAlign = "left"; context.textBaseline = "middle";
      context.lineWidth = 3 * scale; context.strokeStyle = paper; context.fillStyle = key;
      context.strokeText("yours", px + r + 4 * scale, py); context.fillText("yours", px + r + 4 * scale, py);
    }
    if (forPicture) return;
    const px = toX(at[0]), py = toY(at[1]);
    halo(() => { context.beginPath(); context.moveTo(px - 9 * scale, py); context.lineTo(px + 9 * scale, py); context.moveTo(px, py - 9 * scale); context.lineTo(px, py + 9 * scale); context.stroke(); });
    if (near >= 0) ring(xs[near], ys[near], 7, onPoint() ? 3 : 1.5, ink);
    placeLens(px, py);
  }
  // Is the pointer on a drawing's point?
  const onPoint = () => near >= 0 && Math.hypot(toX(xs[near]) - toX(at[0]), toY(ys[near]) - toY(at[1])) <= 7 * scale;

  function paint(canvas, ink, also) {
    canvas.width = also ? 2 * wide : wide; canvas.height = high;
    const image = new ImageData(canvas.width, high);
    for (let p = 0; p < size; p++) for (const [k, bytes] of [[0, ink], [1, also]]) {
      if (k === 1 && !also) continue;
      const to = 4 * (Math.floor(p / wide) * canvas.width + k * wide + p % wide);
      image.data[to] = image.data[to + 1] = image.data[to + 2] = 255 - (bytes ? bytes[p] : 0); image.data[to + 3] = 255;
    }
    canvas.getContext("2d").putImageData(image, 0, 0);
  }

  // ---- looking: what is decoded at the pointer, the nearest drawing and its reconstruction
  let lastLook = null, lastAsked = "";
  const look = latest(async (began) => {
    const [x, y] = at, row = near, wanted = row < 0 ? 1 : 2, codes = new Float32Array(wanted * d);
    codes.set(codeAt(x, y));
    if (row >= 0) codes.set(z.subarray(row * d, row * d + d), d);
    const [drawn, original] = await Promise.all([source.decode(codes), row < 0 ? null : source.thumbs([row])]);
    lastLook = { x, y, row, decoded: drawn.subarray(0, size), redrawn: row < 0 ? null : drawn.subarray(size), original };
    paint(byId("decoded"), lastLook.decoded); paint(byId("nearest"), original); paint(byId("redrawn"), lastLook.redrawn);
    // The lens shows it, and comes up where this is the first drawing.
    later();
    timings.decode.push(performance.now() - began);
  });
  function paintLens() {
    if (onPoint() && lastLook.row === near) paint(lens, lastLook.original, lastLook.redrawn); else paint(lens, lastLook.decoded);
  }
  let pointing = false;
  function placeLens(px, py) {
    lens.hidden = !(pointing && lastLook) || lasso !== null;
    if (lens.hidden) return;
    // Anew each time: a map that zooms under the pointer moves a point to it, or away.
    paintLens();
    const w = 84 * lens.width / lens.height, x = px / scale, y = py / scale, gap = 18;
    const lx = x + gap + w < map.clientWidth ? x + gap : x - gap - w, ly = y - gap - 84 > 0 ? y - gap - 84 : y + gap;
    lens.style.transform = `translate(${Math.max(0, lx)}px, ${ly}px)`;
  }
  // Where a squared error stands among those of all drawings.
  function among(error) {
    let low = 0, up = n;
    while (low < up) { const m = (low + up) >> 1; if (sortedError[m] < error) low = m + 1; else up = m; }
    return `above ${Math.floor(100 * low / n)} % of the drawings`;
  }
  function pointTo(x, y, began = performance.now()) {
    at = [x, y];
    near = shown.length ? nearest(x, y) : -1;
    const outside = x < left || x > right || y < bottom || y > top;
    const lines = [`${onPoint() ? "On" : "At"} ${x.toFixed(2)}, ${y.toFixed(2)}` + (outside ? meta.baked ? " (beyond the map: its edge is drawn)" : " (far from most drawings)" : "")];
    if (near >= 0) {
      lines.push(`Nearest: row ${number(near + 1)}` + (mse ? `, squared error ${mse[near].toFixed(1)} (${among(mse[near])})` : ""));
      if (cluster) lines.push(meta.groups.cluster[cluster[near]] === "noise" ? "In no cluster (noise)" : `Cluster ${meta.groups.cluster[cluster[near]]}`);
      if (label) lines.push(`Label: ${meta.groups.label[label[near]]}`);
    }
    byId("facts").textContent = lines.join("\n");
    // A map that moves along with the pointer changes nothing about the place that is pointed to.
    const asked = [...codeAt(x, y), near].join();
    if (asked !== lastAsked) { lastAsked = asked; look(began); }
    later();
  }

  // ---- selection
  function select(rows) {
    const before = pickedRows.length;
    picked.fill(0);
    for (const i of rows) picked[i] = 1;
    pickedRows = Array.from(rows).sort((a, b) => a - b);
    byId("selected").textContent = pickedRows.length === 0 ? "Nothing selected" : `${number(pickedRows.length)} selected`;
    byId("save-rows").disabled = byId("clear").disabled = pickedRows.length === 0;
    if (source.selected) source.selected(pickedRows.map((i) => i + 1));
    gallery();
    if (before || pickedRows.length) recolour();
  }
  const galleryColumns = 8, galleryMost = 400;
  const gallery = latest(async () => {
    const first = pickedRows.slice(0, galleryMost), canvas = byId("thumbs"), tile = document.createElement("canvas");
    const bytes = first.length ? await source.thumbs(first) : null;
    canvas.width = first.length ? galleryColumns * (wide + 2) : 0; canvas.height = Math.ceil(first.length / galleryColumns) * (high + 2);
    canvas.hidden = first.length === 0;
    canvas.setAttribute("aria-label", `The first ${first.length} of the selected drawings`);
    first.forEach((row, k) => {
      paint(tile, bytes.subarray(k * size, (k + 1) * size));
      canvas.getContext("2d").drawImage(tile, (k % galleryColumns) * (wide + 2) + 1, Math.floor(k / galleryColumns) * (high + 2) + 1);
    });
  });
  byId("thumbs").addEventListener("click", (event) => {
    const box = byId("thumbs").getBoundingClientRect();
    const k = Math.floor((event.clientY - box.top) / box.height * byId("thumbs").height / (high + 2)) * galleryColumns + Math.floor((event.clientX - box.left) / box.width * galleryColumns);
    if (k < pickedRows.length) goTo(xs[pickedRows[k]], ys[pickedRows[k]]);
  });
  function goTo(x, y) {
    if (toX(x) < 0 || toX(x) > width || toY(y) < 0 || toY(y) > height) { view.x = x; view.y = y; moved(); }
    pointTo(x, y);
  }
  function inside(line, x, y) {
    let odd = false;
    for (let i = 0, j = line.length - 1; i < line.length; j = i++) {
      const [xi, yi] = line[i], [xj, yj] = line[j];
      if ((yi > y) !== (yj > y) && x < (xj - xi) * (y - yi) / (yj - yi) + xi) odd = !odd;
    }
    return odd;
  }
  function within(line) {
    const px = line.map((p) => p[0]), py = line.map((p) => p[1]), x0 = Math.min(...px), x1 = Math.max(...px), y0 = Math.min(...py), y1 = Math.max(...py), rows = [];
    for (const i of shown) if (xs[i] >= x0 && xs[i] <= x1 && ys[i] >= y0 && ys[i] <= y1 && inside(line, xs[i], ys[i])) rows.push(i);
    return rows;
  }

  // ---- walks: decoded at once in steps of equal length, then played and blended
  const walkSteps = 64, walkLasts = 5000;
  let playing = 0;
  function along(line, steps) {
    const gone = [0];
    for (let i = 1; i < line.length; i++) gone.push(gone[i - 1] + Math.hypot(line[i][0] - line[i - 1][0], line[i][1] - line[i - 1][1]));
    const all = gone[gone.length - 1], places = [];
    for (let k = 0, i = 1; k < steps; k++) {
      const length = all * k / (steps - 1);
      while (i < gone.length - 1 && gone[i] < length) i++;
      const t = gone[i] > gone[i - 1] ? clamp((length - gone[i - 1]) / (gone[i] - gone[i - 1]), 0, 1) : 1;
      places.push([line[i - 1][0] + t * (line[i][0] - line[i - 1][0]), line[i - 1][1] + t * (line[i][1] - line[i - 1][1])]);
    }
    return places;
  }
  async function newWalk(line, stops) {
    const mine = walk = { line, stops, places: along(line, walkSteps), share: 0 };
    const codes = new Float32Array(walkSteps * d);
    walk.places.forEach(([x, y], k) => codes.set(codeAt(x, y), k * d));
    const bytes = await source.decode(codes);
    if (walk !== mine) return;
    walk.bytes = bytes;
    byId("walk").hidden = false;
    play();
  }
  function showWalk(share) {
    const place = share * (walkSteps - 1), k = Math.min(walkSteps - 2, Math.floor(place)), t = place - k, ink = new Uint8Array(size);
    for (let p = 0; p < size; p++) ink[p] = (1 - t) * walk.bytes[k * size + p] + t * walk.bytes[(k + 1) * size + p];
    walk.share = share;
    at = [0, 1].map((i) => (1 - t) * walk.places[k][i] + t * walk.places[k + 1][i]);
    near = -1; pointing = true; lastAsked = "";
    lastLook = { x: at[0], y: at[1], row: -1, decoded: ink, original: null };
    paint(byId("decoded"), ink);
    byId("walk-at").value = Math.round(1000 * share);
    byId("facts").textContent = `At ${at[0].toFixed(2)}, ${at[1].toFixed(2)}: ${Math.round(100 * share)} % of the walk`;
    later();
  }
  function play() {
    const mine = ++playing, from = walk.share < 1 ? walk.share : 0, began = performance.now();
    byId("walk-play").textContent = "Pause";
    (function frame(now) {
      if (mine !== playing || !walk) return;
      const share = clamp(from + (now - began) / walkLasts, 0, 1);
      showWalk(share);
      if (share < 1) requestAnimationFrame(frame); else pause();
    })(began);
  }
  function pause() { playing++; byId("walk-play").textContent = "Play"; }
  function dropWalk() { pause(); walk = null; byId("walk").hidden = true; later(); }
  byId("walk-play").addEventListener("click", () => { if (byId("walk-play").textContent === "Play") play(); else pause(); });
  byId("walk-at").addEventListener("input", () => { pause(); showWalk(byId("walk-at").value / 1000); });
  byId("walk-clear").addEventListener("click", dropWalk);

  // ---- pointer, wheel, keys
  const place = (event) => {
    const box = over.getBoundingClientRect();
    return [(event.clientX - box.left) * width / box.width, (event.clientY - box.top) * height / box.height];
  };
  const down = new Map();
  over.addEventListener("pointerdown", (event) => {
    over.setPointerCapture(event.pointerId);
    const [px, py] = place(event);
    down.set(event.pointerId, [px, py]);
    pause();
    if (down.size > 1) lasso = null;
    else if (mode === "lasso" || event.shiftKey) lasso = Object.assign([[fromX(px), fromY(py)]], { adds: event.shiftKey });
    else if (mode === "walk") walk = { line: [[fromX(px), fromY(py)]], drawing: true, share: 0 };
    pointing = true;
    pointTo(fromX(px), fromY(py));
  });
  over.addEventListener("pointermove", (event) => {
    const [px, py] = place(event), before = down.get(event.pointerId);
    pointing = true;
    if (before && down.size === 2) {
      const other = [...down].find(([id]) => id !== event.pointerId)[1];
      const was = Math.hypot(before[0] - other[0], before[1] - other[1]), is = Math.hypot(px - other[0], py - other[1]);
      if (was > 0 && is > 0) zoom(is / was, (px + other[0]) / 2, (py + other[1]) / 2);
    } else if (before && lasso) lasso.push([fromX(px), fromY(py)]);
    else if (before && walk && walk.drawing) walk.line.push([fromX(px), fromY(py)]);
    else if (before) {
      source.busy();
      view.x -= (px - before[0]) / view.unit; view.y += (py - before[1]) / view.unit;
      down.set(event.pointerId, [px, py]);
      moved();
      return;
    }
    if (before) down.set(event.pointerId, [px, py]);
    else if (byId("walk-play").textContent === "Pause") return; // a walk that plays is not disturbed by looking at it
    pointTo(fromX(px), fromY(py), event.timeStamp);
  });
  const up = (event) => {
    if (!down.delete(event.pointerId)) return;
    if (lasso) {
      const line = lasso, rows = line.length > 2 ? within(line) : [];
      lasso = null;
      select(line.adds ? new Set([...pickedRows, ...rows]) : rows);
      later();
    } else if (walk && walk.drawing) {
      if (walk.line.length > 2) newWalk(walk.line).catch(fail); else dropWalk();
    }
  };
  over.addEventListener("pointerup", up);
  over.addEventListener("pointercancel", up);
  over.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse" && down.size === 0) { pointing = false; later(); } });
  over.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0015)), ...place(event));
  }, { passive: false });
  const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  over.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key, step = (event.shiftKey ? 60 : 12) * scale / view.unit;
    pointing = true;
    if (arrows[key]) {
      pause();
      const [x, y] = [at[0] + step * arrows[key][0], at[1] + step * arrows[key][1]];
      // The map follows a pointer that leaves it.
      if (toX(x) < 0 || toX(x) > width) view.x = x;
      if (toY(y) < 0 || toY(y) > height) view.y = y;
      moved(); pointTo(x, y);
    } else if (key === "+" || key === "=") zoom(1.25, toX(at[0]), toY(at[1]));
    else if (key === "-") zoom(0.8, toX(at[0]), toY(at[1]));
    else if (key === "0") { wholeView(); moved(); }
    else if (key === "Enter") {
      if (near >= 0) { const rows = new Set(pickedRows); if (!rows.delete(near)) rows.add(near); select(rows); }
    } else if (key === "w" || key === "W") {
      const stops = [...(walk && walk.stops || []), at.slice()];
      if (stops.length > 1) newWalk(stops, stops).catch(fail); else { walk = { line: stops, stops, share: 0 }; later(); }
    } else if ((key === "p" || key === "P") && walk && walk.bytes) byId("walk-play").click();
    else if (key === "m" || key === "M") setMode("move");
    else if (key === "s" || key === "S") setMode("lasso");
    else if (key === "d" || key === "D") setMode("walk");
    else if (key === "Escape") { lasso = null; dropWalk(); select([]); }
    else return;
    event.preventDefault();
  });

  // ---- the drawing pad: strokes as Quick, Draw! makes its bitmaps of them
  const pad = byId("pad"), strokes = [];
  // The drawing's box scaled to 255 of 304 units and centred, round lines 16 units wide.
  function inkOf() {
    const all = strokes.flat(), px = all.map((p) => p[0]), py = all.map((p) => p[1]), fine = 8, canvas = document.createElement("canvas");
    const x0 = Math.min(...px), y0 = Math.min(...py), w = Math.max(...px) - x0, h = Math.max(...py) - y0, unit = Math.min(wide, high) * fine / 304, by = 255 / Math.max(w, h, 1e-9) * unit;
    canvas.width = wide * fine; canvas.height = high * fine;
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.translate(canvas.width / 2, canvas.height / 2);
    context.lineWidth = 16 * unit; context.lineCap = context.lineJoin = "round";
    for (const stroke of strokes) {
      context.beginPath();
      stroke.forEach(([x, y]) => context.lineTo((x - x0 - w / 2) * by, (y - y0 - h / 2) * by));
      if (stroke.length === 1) context.lineTo((stroke[0][0] - x0 - w / 2) * by, (stroke[0][1] - y0 - h / 2) * by + 1e-3);
      context.stroke();
    }
    const alpha = context.getImageData(0, 0, canvas.width, canvas.height).data, ink = new Uint8Array(size);
    for (let p = 0; p < size; p++) {
      let sum = 0;
      for (let r = 0; r < fine; r++) for (let c = 0; c < fine; c++) sum += alpha[4 * ((Math.floor(p / wide) * fine + r) * canvas.width + p % wide * fine + c) + 3];
      ink[p] = Math.round(sum / fine / fine);
    }
    return ink;
  }
  function drawPad() {
    const context = pad.getContext("2d");
    context.clearRect(0, 0, pad.width, pad.height);
    context.lineWidth = 12; context.lineCap = context.lineJoin = "round"; context.strokeStyle = "#222";
    for (const stroke of strokes) {
      context.beginPath(); stroke.forEach(([x, y]) => context.lineTo(x, y));
      if (stroke.length === 1) context.lineTo(stroke[0][0], stroke[0][1] + 0.01);
      context.stroke();
    }
    byId("pad-undo").disabled = byId("pad-clear").disabled = strokes.length === 0;
  }
  const judge = latest(async () => {
    if (strokes.length === 0) { yours = null; byId("pad-result").hidden = true; byId("pad-go").disabled = true; later(); return; }
    const ink = inkOf(), count = strokes.length, { code, error, redrawn } = await source.place(ink);
    yours = { ink, code, error, strokes: count };
    // Nearest in all dimensions, among all drawings.
    let best = 0, least = Infinity;
    for (let i = 0; i < n; i++) {
      let far = 0;
      for (let k = 0; k < d; k++) far += (z[i * d + k] - code[k]) ** 2;
      if (far < least) { least = far; best = i; }
    }
    const thumb = await source.thumbs([best]);
    const lines = [`Lands at ${Array.from(code, (x) => x.toFixed(2)).join(", ")}` + (meta.baked ? " (the place whose decoded drawing is most like it)" : "")];
    lines.push(`Squared error ${error.toFixed(1)}` + (mse ? `, ${among(error)}` : "") + (meta.cutoff !== null ? error > meta.cutoff ? ", an anomaly" : ", no anomaly" : ""));
    lines.push(`Nearest: row ${number(best + 1)}` + (cluster ? meta.groups.cluster[cluster[best]] === "noise" ? ", in no cluster" : `, cluster ${meta.groups.cluster[cluster[best]]}` : "") + (label ? `, label ${meta.groups.label[label[best]]}` : ""));
    byId("pad-facts").textContent = lines.join("\n");
    paint(byId("pad-seen"), ink); paint(byId("pad-redrawn"), redrawn); paint(byId("pad-near"), thumb);
    byId("pad-result").hidden = false; byId("pad-go").disabled = false;
    later();
  });
  const padPlace = (event) => { const box = pad.getBoundingClientRect(); return [(event.clientX - box.left) / box.width * pad.width, (event.clientY - box.top) / box.height * pad.height]; };
  let stroke = null;
  pad.addEventListener("pointerdown", (event) => { pad.setPointerCapture(event.pointerId); stroke = [padPlace(event)]; strokes.push(stroke); drawPad(); });
  pad.addEventListener("pointermove", (event) => {
    if (!stroke) return;
    for (const one of event.getCoalescedEvents ? event.getCoalescedEvents() : [event]) stroke.push(padPlace(one));
    drawPad();
  });
  for (const name of ["pointerup", "pointercancel"]) pad.addEventListener(name, () => { if (stroke) { stroke = null; judge(); } });
  byId("pad-undo").addEventListener("click", () => { strokes.pop(); drawPad(); judge(); });
  byId("pad-clear").addEventListener("click", () => { strokes.length = 0; drawPad(); judge(); });
  byId("pad-go").addEventListener("click", () => {
    for (let k = 0; k < d; k++) middle[k] = yours.code[k];
    showSliders();
    goTo(yours.code[axes[0]], yours.code[axes[1]]);
    map.scrollIntoView({ block: "nearest" });
  });

  // ---- sliders for the dimensions that the map does not show
  function showSliders() {
    const list = byId("slider-list");
    byId("sliders").hidden = d < 3;
    list.replaceChildren();
    for (let k = 0; k < d; k++) {
      if (axes.includes(k)) continue;
      const box = document.createElement("label"), value = document.createElement("output"), input = document.createElement("input");
      const low = meta.limits[2 * k], up = meta.limits[2 * k + 1];
      box.className = "slider"; input.type = "range"; input.min = 0; input.max = 1000; input.id = `dim-${k + 1}`;
      input.value = Math.round(1000 * (middle[k] - low) / (up - low)); value.textContent = middle[k].toFixed(2);
      input.addEventListener("input", () => {
        middle[k] = low + input.value / 1000 * (up - low); value.textContent = middle[k].toFixed(2);
        pointTo(...at); settle();
      });
      box.append(`Dimension ${k + 1} `, value, input);
      list.append(box);
    }
  }
  byId("take-code").addEventListener("click", () => {
    if (near < 0) return;
    for (let k = 0; k < d; k++) middle[k] = z[near * d + k];
    showSliders(); pointTo(xs[near], ys[near]); settle();
  });
  byId("take-median").addEventListener("click", () => { middle.set(meta.medians); showSliders(); pointTo(...at); settle(); });
  if (d > 2 && !meta.baked) {
    byId("axes").hidden = false;
    for (const [id, which] of [["across", 0], ["up", 1]]) {
      for (let k = 0; k < d; k++) byId(id).append(new Option(k + 1, k));
      byId(id).value = axes[which];
      byId(id).addEventListener("change", () => {
        const next = axes.slice();
        next[which] = +byId(id).value;
        if (next[0] === next[1]) next[1 - which] = axes[which];
        axes = next; byId("across").value = axes[0]; byId("up").value = axes[1];
        dropWalk(); mosaic = null; useAxes(); bulkView(); showSliders(); recolour(); pointTo((left + right) / 2, (bottom + top) / 2);
      });
    }
  }

  // ---- filters by group
  for (const [name, kind] of Object.entries(groups)) {
    const head = document.createElement("div"), title = document.createElement("h3"), list = document.createElement("div"), boxes = [];
    head.className = "row"; title.textContent = kind.title; list.className = "filter"; list.id = `filter-${name}`;
    head.append(title);
    const every = document.createElement("span");
    for (const [text, off] of [["All", 0], ["None", 1]]) {
      const button = document.createElement("button");
      button.textContent = text; button.setAttribute("aria-label", `${text} of ${kind.title.toLowerCase()}`);
      button.addEventListener("click", () => { kind.hidden.fill(off); boxes.forEach((box) => { box.checked = !off; }); refilter(); });
      every.append(button, " ");
    }
    head.append(every);
    kind.swatches = kind.names.map((text, k) => {
      const row = document.createElement("label"), box = document.createElement("input"), dot = document.createElement("span"), count = document.createElement("span"), words = document.createElement("span");
      box.type = "checkbox"; box.checked = true;
      box.addEventListener("change", () => { kind.hidden[k] = box.checked ? 0 : 1; refilter(); });
      dot.className = "swatch"; count.className = "count"; count.textContent = number(kind.count[k]); words.textContent = text;
      row.append(box, dot, words, count);
      list.append(row); boxes.push(box);
      return dot;
    });
    byId("filters").append(head, list);
  }
  for (const id of ["least", "most"]) byId(id).addEventListener("input", () => {
    if (+byId("least").value > +byId("most").value) byId(id === "least" ? "most" : "least").value = byId(id).value;
    refilter();
  });

  // ---- buttons
  function setMode(name) {
    mode = name;
    for (const other of ["move", "lasso", "walk"]) byId("mode-" + other).setAttribute("aria-pressed", other === name);
  }
  for (const name of ["move", "lasso", "walk"]) byId("mode-" + name).addEventListener("click", () => setMode(name));
  function save(name, blob) {
    const link = document.createElement("a");
    link.download = name; link.href = URL.createObjectURL(blob); link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }
  // What the colours of a saved picture mean: the groups that are shown, the first twenty of them.
  function drawLegend(context) {
    const by = byId("colour").value, kind = groups[by], line = 18 * scale, entries = [];
    if (kind) kind.names.forEach((name, k) => { if (!kind.hidden[k]) entries.push([groupColour(by, k), name.length > 30 ? name.slice(0, 29) + "\u2026" : name]); });
    else if (by !== "none") ramp().filter((_, k) => k % 12 === 0).forEach((colour, k, all) => entries.push([colour, k === 0 ? byId("ramp-low").textContent : k === all.length - 1 ? byId("ramp-high").textContent : ""]));
    context.font = `${12 * scale}px system-ui, sans-serif`; context.textAlign = "left"; context.textBaseline = "middle";
    const shownEntries = entries.slice(0, 20), x = width - 20 * scale - Math.max(0, ...shownEntries.map(([, text]) => context.measureText(text).width));
    shownEntries.forEach(([colour, text], k) => {
      const y = 16 * scale + k * line;
      context.fillStyle = colour; context.fillRect(x - 16 * scale, y - 6 * scale, 12 * scale, 12 * scale);
      context.fillStyle = getComputedStyle(map).color; context.fillText(text, x, y);
    });
  }
  byId("save-map").addEventListener("click", () => {
    const out = document.createElement("canvas"), context = out.getContext("2d");
    out.width = width; out.height = height;
    context.fillStyle = getComputedStyle(map).backgroundColor; context.fillRect(0, 0, width, height);
    drawBack(); painter.draw(view, pointSize()); drawOver(true);
    context.globalAlpha = 0.45; context.drawImage(back, 0, 0); context.globalAlpha = 1;
    context.drawImage(painter.canvas, 0, 0); context.drawImage(over, 0, 0);
    drawLegend(context);
    out.toBlob((blob) => save("latent-space.png", blob));
    later();
  });
  byId("save-drawing").addEventListener("click", () => {
    const out = document.createElement("canvas"), context = out.getContext("2d");
    out.width = 10 * wide; out.height = 10 * high; context.imageSmoothingEnabled = false;
    context.drawImage(byId("decoded"), 0, 0, out.width, out.height);
    out.toBlob((blob) => save("drawing.png", blob));
  });
  byId("save-rows").addEventListener("click", () => {
    save("rows.csv", new Blob(["row\n", pickedRows.map((i) => i + 1).join("\n"), "\n"], { type: "text/csv" }));
  });
  byId("select-shown").addEventListener("click", () => select(shown));
  byId("clear").addEventListener("click", () => select([]));
  byId("bulk").addEventListener("click", () => { bulkView(); moved(); });
  byId("whole").addEventListener("click", () => { wholeView(); moved(); });
  byId("backdrop").addEventListener("change", () => { moved(); decodeBack(); });
  byId("theme").addEventListener("click", () => { theme(!isDark()); recolour(); decodeBack(); });
  darkNow.addEventListener("change", () => { theme(darkNow.matches); recolour(); decodeBack(); });
  if (source.done) {
    byId("done").hidden = false;
    byId("done").addEventListener("click", () => source.done());
  }
  for (const name of Object.keys(groups)) byId("colour").append(new Option(name, name));
  byId("colour").append(new Option("squared error", "error"), new Option("density", "density"), new Option("one colour", "none"));
  const byError = byId("colour").querySelector("[value=error]");
  function setScores(scores, cutoff) {
    mse = scores; sortedError = scores && Float32Array.from(scores).sort(); meta.cutoff = cutoff;
    byError.disabled = byId("score-filter").hidden = scores === null;
  }
  setScores(arrays.mse, meta.cutoff);
  const moreCodes = latest(async () => {
    const { rows, codes } = await source.codes(encoded);
    rows.forEach((row, k) => { z.set(codes.subarray(k * d, (k + 1) * d), row * d); there[row] = 1; });
    encoded += rows.length;
    useAxes(); recolour();
    // The faster way for few points may be the slower one for many.
    if (encoded > 2 * chosenFor && timings.frame.at(-1) > 16) choosePainter();
    if (near >= 0 && nearest(...at) !== near) pointTo(...at);
  });
  function tell(what, share) {
    byId("progress").hidden = share === 1;
    byId("progress").textContent = `${what === "codes" ? "Encoded" : "Squared errors computed:"} ${Math.floor(100 * share)} %`;
  }
  if (encoded < n) tell("codes", encoded / n); else if (mse === null) tell("scores", 0);
  if (encoded < n || mse === null) Shiny.addCustomMessageHandler("progress", ({ what, share, cutoff }) => {
    tell(what, share);
    if (what === "codes") moreCodes();
    else if (share === 1) source.scores().then((scores) => { setScores(scores, cutoff); refilter(); if (near >= 0) pointTo(...at); }).catch(fail);
  });
  if (!cluster && !label) byId("colour").value = "density";
  byId("colour").addEventListener("change", recolour);

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
}

const data = byId("explorer-data");
if (data) {
  const meta = JSON.parse(data.textContent);
  start(meta, bakedSource(meta)).catch((error) => fail(new Error("This page needs a browser of 2023 or later: " + error.message)));
} else {
  Shiny.addCustomMessageHandler("taken", (text) => { byId("title").textContent = text; });
  Shiny.addCustomMessageHandler("explorer", ({ meta: text, url }) => {
    const meta = JSON.parse(text), source = liveSource(meta, url);
    source.selected = (rows) => Shiny.setInputValue("selected", rows);
    source.ready = () => Shiny.setInputValue("ready", true);
    source.done = () => { Shiny.setInputValue("done", 1, { priority: "event" }); fail("Back in R; this page can be closed."); };
    start(meta, source).catch(fail);
  });
}
})();
