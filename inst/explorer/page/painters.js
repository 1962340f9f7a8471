// Two ways to draw many points; which is faster is measured when the page opens.
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
