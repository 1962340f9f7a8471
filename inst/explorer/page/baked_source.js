// The same answers without R: decoded drawings lie in the page (R/save_explorer.R) and are blended.
async function unpack(text) {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
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
