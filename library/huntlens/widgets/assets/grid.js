// A page of rows at a time; sorting and searching run in the kernel. Data is put in as text only.
function render({ model, el }) {
  el.classList.add("huntlens-table");
  el.setAttribute("data-huntlens-grid", "");
  // The table for when no kernel answers comes as an output of its own, perhaps after this one.
  const hide = () => document.querySelectorAll(`[data-huntlens-behind="${model.get("key")}"]`).forEach((e) => (e.hidden = true));
  [0, 50, 500, 2000].forEach((wait) => setTimeout(hide, wait));
  const style = document.createElement("style");
  style.textContent = model.get("css");
  const make = (name, text, cls) => {
    const node = document.createElement(name);
    if (text !== undefined) node.textContent = text;
    if (cls) node.className = cls;
    return node;
  };
  const bar = make("div", undefined, "hl-bar"), where = make("span", "", "hl-count");
  const search = make("input"), back = make("button", "\u2039"), next = make("button", "\u203a");
  search.type = "search";
  search.placeholder = "search all rows";
  const scroll = make("div", undefined, "hl-scroll"), table = make("table"), head = make("thead"), body = make("tbody");
  scroll.style.cssText = "overflow:auto;max-height:440px";
  table.append(head, body);
  scroll.append(table);
  bar.append(where, make("span", undefined, "hl-space"), search, back, next);
  el.append(style, bar, scroll);
  let request = { ...model.get("request") };
  const ask = (change) => {
    request = { ...request, ...change };
    model.set("request", request);
    model.save_changes();
  };
  let timer;
  search.oninput = () => {
    clearTimeout(timer);
    timer = setTimeout(() => ask({ search: search.value, offset: 0 }), 250);
  };
  search.onkeydown = (event) => event.stopPropagation();
  back.onclick = () => ask({ offset: Math.max(0, request.offset - request.limit) });
  next.onclick = () => ask({ offset: request.offset + request.limit });
  function draw() {
    const page = model.get("page");
    head.textContent = "";
    body.textContent = "";
    const names = make("tr");
    page.columns.forEach((name, index) => {
      const cell = make("th", name + (request.sort === index ? (request.descending ? " \u25bc" : " \u25b2") : ""));
      cell.append(make("small", page.types[index]));
      cell.tabIndex = 0;
      cell.onclick = () => ask({ sort: index, descending: request.sort === index && !request.descending, offset: 0 });
      names.append(cell);
    });
    head.append(names);
    page.rows.forEach((row) => {
      const line = make("tr");
      row.forEach((value, index) => {
        const cell = make("td", value === null ? "" : value, /^(int|long|real|decimal)$/.test(page.types[index]) ? "n" : "");
        cell.title = value === null ? "" : value;
        line.append(cell);
      });
      body.append(line);
    });
    const last = page.offset + page.rows.length;
    where.textContent = `${(page.rows.length ? page.offset + 1 : 0).toLocaleString("en")}\u2013${last.toLocaleString("en")} of ${page.total.toLocaleString("en")}`;
    back.disabled = page.offset === 0;
    next.disabled = last >= page.total;
  }
  model.on("change:page", draw);
  draw();
}
export default { render };
