
"use strict";
const body = document.querySelector("#table tbody");
const heads = [...document.querySelectorAll("#table thead th")];
const search = document.querySelector("#search");
const shown = document.querySelector("#shown");
const order = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

function sortBy(column) {
  const rising = heads[column].getAttribute("aria-sort") !== "ascending";
  heads.forEach((head) => head.setAttribute("aria-sort", "none"));
  heads[column].setAttribute("aria-sort", rising ? "ascending" : "descending");
  const text = (row) => row.cells[column].textContent;
  const rows = [...body.rows].sort((a, b) => order.compare(text(a), text(b)));
  body.append(...(rising ? rows : rows.reverse()));
}

function filter() {
  const wanted = search.value.trim().toLowerCase();
  let count = 0;
  for (const row of body.rows) {
    row.hidden = !row.textContent.toLowerCase().includes(wanted);
    count += row.hidden ? 0 : 1;
  }
  shown.textContent = `${count} of ${body.rows.length} shown`;
}

heads.forEach((head, column) => {
  head.querySelector("button").addEventListener("click", () => sortBy(column));
});
search.addEventListener("input", filter);
filter();
