// Where numbers and drawings come from while R is there.
// Both sources give: arrays() -> {z, mse, cluster, label}; decode(codes) and thumbs(rows) -> bytes, one drawing
// after the other; place(ink) -> {code, error, redrawn}, the drawing of `ink` in latent space. Of many drawings R
// encodes most, and scores all, while the page is open: codes that are not there yet are NaN, mse is null, and
// codes(had) and scores() fetch what there is when R sends the message "progress".
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
