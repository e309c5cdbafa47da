(function () {
  "use strict";
  function el(name, text, cls) {
    var e = document.createElement(name);
    if (text !== undefined) e.textContent = text;
    if (cls) e.className = cls;
    return e;
  }
  function copy(text, button) {
    var old = button.textContent;
    function done(word) { button.textContent = word; setTimeout(function () { button.textContent = old; }, 1200); }
    if (!navigator.clipboard) { done("not allowed here"); return; }
    navigator.clipboard.writeText(text).then(function () { done("copied"); }, function () { done("not allowed here"); });
  }
  function block(text, into) {
    var row = el("div"), pre = el("pre", text), button = el("button", "Copy");
    button.onclick = function () { copy(pre.textContent, button); };
    row.append(button, pre);
    into.append(row);
    return pre;
  }
  // JSON's texts are Python's as well.
  function literal(value, type) {
    var item = type.replace("[]", "");
    if (type !== item) {
      var parts = value.split(",").map(function (p) { return p.trim(); }).filter(Boolean);
      return "[" + parts.map(function (p) { return literal(p, item); }).join(", ") + "]";
    }
    if (/^(int|long)$/.test(item) && /^-?\d+$/.test(value)) return value;
    if (/^(real|decimal)$/.test(item) && /^-?\d+(\.\d+)?$/.test(value)) return value;
    if (item === "bool" && /^(true|false)$/i.test(value)) return /t/i.test(value) ? "True" : "False";
    return JSON.stringify(value);
  }
  function word(value) { return /^[\w.:\/@-]+$/.test(value) ? value : "'" + value.replace(/'/g, "'\\''") + "'"; }
  function score(query, words) {
    var total = 0;
    for (var w of words) {
      var id = query.id.toLowerCase().indexOf(w) >= 0, near = (query.summary + " " + query.facts).toLowerCase().indexOf(w) >= 0;
      if (!id && !near && query.hay.indexOf(w) < 0) return 0;
      total += id ? 10 : near ? 5 : 1;
    }
    return total;
  }
  function facts(query) {
    return [["Tables", query.tables], ["Techniques", query.techniques], ["Runs on", query.environments], ["Columns", query.columns]]
      .filter(function (f) { return f[1].length; }).map(function (f) { return f[0] + ": " + f[1].join(", "); });
  }
  function parameters(query, one, update) {
    var table = el("table"), values = {};
    query.parameters.forEach(function (p) {
      var row = el("tr"), cell = el("td"), input = el("input");
      input.placeholder = p.required ? "required" : p.default;
      input.setAttribute("aria-label", p.name);
      input.oninput = function () { values[p.name] = input.value; update(values); };
      cell.append(input);
      row.append(el("td", p.name), el("td", p.type), cell, el("td", p.doc + (p.entity ? " (" + p.entity + ")" : ""), "q-quiet"));
      table.append(row);
    });
    if (query.parameters.length) one.append(table);
  }
  function show(query, one) {
    one.replaceChildren(el("h3", query.id), el("div", query.summary + "."));
    if (query.description) one.append(el("p", query.description));
    if (query.returns) one.append(el("p", "Returns: " + query.returns + ".", "q-quiet"));
    facts(query).forEach(function (line) { one.append(el("div", line, "q-quiet")); });
    var python, magic;
    function update(values) {
      var given = query.parameters.filter(function (p) { return values[p.name] || p.required; });
      python.textContent = "qp." + query.id + "(" + given.map(function (p) {
        return p.name + "=" + (values[p.name] ? literal(values[p.name], p.type) : "...");
      }).join(", ") + ")";
      magic.textContent = ["%hunt run " + query.id].concat(given.map(function (p) {
        return p.name + "=" + word(values[p.name] || "...");
      })).join(" ");
    }
    parameters(query, one, update);
    python = block("", one);
    magic = block("", one);
    update({});
    one.append(el("div", "The text, in " + query.language + ":", "q-quiet"));
    block(query.text, one);
    one.scrollTop = 0;
  }
  function draw(root, queries) {
    var bar = el("div", undefined, "q-bar"), input = el("input"), where = el("select"), count = el("span", "", "q-quiet");
    var both = el("div", undefined, "q-both"), list = el("div", undefined, "q-list"), one = el("div", undefined, "q-one");
    input.type = "search";
    input.placeholder = "search names, tables, columns, techniques, entities";
    input.setAttribute("aria-label", input.placeholder);
    where.setAttribute("aria-label", "environment");
    list.setAttribute("role", "listbox");
    var all = Array.from(new Set(queries.flatMap(function (q) { return q.environments; }))).sort();
    ["everywhere"].concat(all).forEach(function (name) { where.append(el("option", name)); });
    queries.forEach(function (q) {
      q.facts = facts(q).join(" ");
      q.hay = JSON.stringify(q).toLowerCase();
      q.button = el("button", q.id);
      q.button.setAttribute("role", "option");
      q.button.append(el("small", q.summary));
      q.button.onclick = function () {
        queries.forEach(function (o) { o.button.setAttribute("aria-selected", o === q); });
        show(q, one);
      };
    });
    function fill() {
      var words = input.value.toLowerCase().split(/\s+/).filter(Boolean), place = where.value;
      var found = queries.filter(function (q) { return where.selectedIndex === 0 || q.environments.indexOf(place) >= 0; })
        .map(function (q) { return [score(q, words), q]; })
        .filter(function (pair) { return !words.length || pair[0] > 0; })
        .sort(function (a, b) { return b[0] - a[0]; });
      list.replaceChildren.apply(list, found.map(function (pair) { return pair[1].button; }));
      count.textContent = found.length + " of " + queries.length;
      if (found.length && !found.some(function (pair) { return pair[1].button.getAttribute("aria-selected") === "true"; })) found[0][1].button.click();
    }
    list.onkeydown = function (event) {
      var step = event.key === "ArrowDown" ? "nextSibling" : event.key === "ArrowUp" ? "previousSibling" : "";
      var next = step && document.activeElement[step];
      if (next) { event.preventDefault(); next.focus(); next.click(); }
    };
    input.oninput = where.onchange = fill;
    bar.append(input, where, count);
    both.append(list, one);
    root.querySelector(".q-static").replaceWith(bar, both);
    fill();
    root.setAttribute("data-on", "drawn");
  }
  function start(root) {
    root.setAttribute("data-on", "");
    var packed = Uint8Array.from(atob(root.querySelector('script[type="text/plain"]').textContent), function (c) { return c.charCodeAt(0); });
    var stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    new Response(stream).json().then(function (queries) { draw(root, queries); });
  }
  document.querySelectorAll("[data-huntlens-queries]:not([data-on])").forEach(start);
})();
