(function () {
  "use strict";
  var ROW = 22, STEP = 18;
  function el(name, text, cls) {
    var e = document.createElement(name);
    if (text !== undefined) e.textContent = text;
    if (cls) e.className = cls;
    return e;
  }
  async function read(script) {
    if (script.type === "application/json") return JSON.parse(script.textContent);
    var bytes = Uint8Array.from(atob(script.textContent), function (c) { return c.charCodeAt(0); });
    return JSON.parse(await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text());
  }
  function start(root) {
    root.setAttribute("data-on", "waiting");
    read(root.querySelector('script[type="application/json"],script[type="text/plain"]')).then(function (data) { show(root, data); });
  }
  function show(root, data) {
    var depth = data.depth, n = depth.length, levels = +root.getAttribute("data-huntlens-tree");
    var last = new Int32Array(n), stack = [], shut = new Uint8Array(n), hit = new Uint8Array(n), view = [], chosen = -1, words = "";
    // last[i]: the row after the last one below i; found from the end.
    for (var i = 0; i < n; i++) {
      while (stack.length && depth[stack[stack.length - 1]] >= depth[i]) last[stack.pop()] = i;
      stack.push(i);
    }
    while (stack.length) last[stack.pop()] = n;
    for (i = 0; i < n; i++) shut[i] = depth[i] >= levels - 1 && last[i] > i + 1 ? 1 : 0;
    if (data.time && data.time.steps) {
      var sum = 0;
      data.time = data.time.steps.map(function (step) { return step === null ? null : (sum += step); });
    }
    function get(name, row) {
      var column = data[name];
      if (!column) return "";
      if (Array.isArray(column)) return column[row];
      return column.codes[row] < 0 ? "" : column.values[column.codes[row]];
    }
    function time(row) {
      var t = data.time && data.time[row];
      return t === null || t === undefined ? "" : new Date(t).toISOString().replace("T", " ").replace(/\.?0*Z$/, "");
    }
    var several = data.host && data.host.values.length > 1;
    var rows = root.querySelector(".hl-rows"), bar = root.querySelector(".hl-bar");
    var search = el("input"), found = el("span", "", "hl-count"), openAll = el("button", "open all"), closeAll = el("button", "close all");
    var space = el("div"), detail = el("dl", undefined, "hl-detail");
    search.type = "search"; search.placeholder = "search"; search.setAttribute("aria-label", "search names, command lines and users");
    bar.append(el("span", undefined, "hl-space"), found, search, openAll, closeAll);
    detail.hidden = true; detail.style.margin = "0";
    rows.after(detail);
    rows.textContent = ""; rows.tabIndex = 0; rows.append(space);
    space.style.position = "relative";
    function lay() {
      view = [];
      for (var i = 0; i < n; ) { view.push(i); i = shut[i] ? last[i] : i + 1; }
      space.style.height = view.length * ROW + "px";
      rows.style.height = Math.min(view.length * ROW + 2, parseInt(rows.style.maxHeight, 10) || 440) + "px";
      draw();
    }
    function draw() {
      var from = Math.max(0, Math.floor(rows.scrollTop / ROW) - 5), to = Math.min(view.length, from + Math.ceil((rows.clientHeight || 440) / ROW) + 12);
      space.textContent = "";
      for (var v = from; v < to; v++) space.append(row(view[v], v));
    }
    function row(i, v) {
      var kids = last[i] - i - 1, e = el("div", undefined, "hl-row");
      e.style.top = v * ROW + "px";
      var risk = ["", "low", "medium", "high"].indexOf(get("risk", i));
      if (risk > 0) e.classList.add("risk" + risk);
      if (data.inferred && data.inferred[i]) e.classList.add("guess");
      if (hit[i]) e.classList.add("hit");
      if (i === chosen) e.classList.add("on");
      var step = el("span", undefined, "hl-step"); step.style.width = Math.min(depth[i], 40) * STEP + "px";
      var fold = el("span", kids ? (shut[i] ? "\u25b8" : "\u25be") : "", "hl-fold");
      fold.onclick = function (event) { event.stopPropagation(); toggle(i); };
      e.append(step, fold, el("b", get("name", i) || "(unknown)"));
      if (data.pid) e.append(el("span", get("pid", i), "hl-dim"));
      if (kids && shut[i]) e.append(el("span", "+" + kids.toLocaleString("en"), "hl-more"));
      if (depth[i] === 0 && several) e.append(el("span", get("host", i), "hl-dim"));
      if (data.time) e.append(el("span", time(i), "hl-dim"));
      if (data.user) e.append(el("span", get("user", i), "hl-dim"));
      e.append(el("code", get("command_line", i).replace(/\s+/g, " ")));
      e.onclick = function () { choose(i === chosen ? -1 : i); };
      e.ondblclick = function () { toggle(i); };
      return e;
    }
    function toggle(i) { if (last[i] > i + 1) { shut[i] = shut[i] ? 0 : 1; lay(); } }
    function choose(i) {
      chosen = i; detail.hidden = i < 0; detail.textContent = "";
      if (i >= 0) {
        var facts = [["process", get("name", i)], ["id", get("pid", i)], ["command line", get("command_line", i)], ["path", get("path", i)], ["user", get("user", i)], ["host", get("host", i)], ["logon", get("logon", i)], ["time (UTC)", time(i)], ["risk", get("risk", i)], ["below", (last[i] - i - 1).toLocaleString("en")], ["", data.inferred && data.inferred[i] ? "not in the log itself: known from what it started" : ""]];
        facts.forEach(function (f) { if (f[1] !== "" && f[1] !== undefined) detail.append(el("dt", f[0]), el("dd", String(f[1]))); });
      }
      draw();
    }
    function bring(i) {
      for (var j = i - 1, d = depth[i]; j >= 0 && d > 0; j--) if (depth[j] < d) { shut[j] = 0; d = depth[j]; }
      lay();
      var at = view.indexOf(i) * ROW;
      if (at < rows.scrollTop || at > rows.scrollTop + rows.clientHeight - ROW) rows.scrollTop = Math.max(0, at - 60);
      draw();
    }
    function look() {
      words = search.value.toLowerCase(); hit.fill(0);
      if (!words) { found.textContent = ""; lay(); return; }
      var cache = {}, names = ["name", "command_line", "user", "path", "pid"], count = 0, first = -1;
      names.forEach(function (name) { if (data[name]) cache[name] = data[name].values.map(function (x) { return x.toLowerCase().indexOf(words) >= 0; }); });
      for (var i = n - 1; i >= 0; i--) {
        hit[i] = names.some(function (name) { return cache[name] && data[name].codes[i] >= 0 && cache[name][data[name].codes[i]]; }) ? 1 : 0;
        if (hit[i]) { count++; first = i; }
      }
      found.textContent = count.toLocaleString("en") + " found";
      // Open what leads to a hit, close the rest.
      var inside = new Uint32Array(n + 1);
      for (i = 0; i < n; i++) inside[i + 1] = inside[i] + hit[i];
      for (i = 0; i < n; i++) if (last[i] > i + 1) shut[i] = inside[last[i]] - inside[i + 1] > 0 ? 0 : 1;
      lay();
      if (first >= 0) bring(first);
    }
    search.oninput = look;
    search.onkeydown = function (e) {
      e.stopPropagation();
      if (e.key !== "Enter" || !words) return;
      for (var k = 1; k <= n; k++) { var i = (chosen + k + n) % n; if (hit[i]) { choose(i); bring(i); return; } }
    };
    rows.onkeydown = function (e) {
      var at = view.indexOf(chosen), moves = { ArrowDown: 1, ArrowUp: -1 };
      if (moves[e.key]) { var next = view[Math.max(0, Math.min(view.length - 1, at + moves[e.key]))]; choose(next); bring(next); }
      else if (e.key === "ArrowRight" && chosen >= 0 && shut[chosen]) toggle(chosen);
      else if (e.key === "ArrowLeft" && chosen >= 0 && !shut[chosen]) toggle(chosen);
      else return;
      e.preventDefault(); e.stopPropagation();
    };
    openAll.onclick = function () { shut.fill(0); lay(); };
    closeAll.onclick = function () { for (var i = 0; i < n; i++) shut[i] = last[i] > i + 1 ? 1 : 0; lay(); };
    rows.onscroll = draw;
    root.setAttribute("data-on", "drawn");
    lay();
  }
  function scan() { document.querySelectorAll("[data-huntlens-tree]:not([data-on])").forEach(start); }
  // While a page is being read, what a timer finds may be half there. An output may be put into a page that has been
  // read after its scripts have run.
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", scan);
  else { scan(); setTimeout(scan, 50); setTimeout(scan, 500); }
})();
