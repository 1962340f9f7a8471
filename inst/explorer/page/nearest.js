// Finding points: those of `rows` in cells of a grid.
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
