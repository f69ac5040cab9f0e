"use strict";
(function () {
  function copied(button, done) {
    button.textContent = done ? "Copied" : "Press Ctrl+C";
    window.setTimeout(function () { button.textContent = "Copy"; }, 2000);
  }

  function select(element) {
    var range = document.createRange();
    range.selectNodeContents(element);
    var selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  }

  function copy(element, button) {
    if (navigator.clipboard && window.isSecureContext) {
      navigator.clipboard.writeText(element.textContent).then(
        function () { copied(button, true); },
        function () { select(element); copied(button, false); }
      );
    } else {
      select(element);
      copied(button, document.execCommand("copy"));
    }
  }

  document.querySelectorAll(".code").forEach(function (block) {
    var label = block.querySelector(".code-label");
    var button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.setAttribute("aria-label", "Copy: " + label.textContent);
    button.addEventListener("click", function () { copy(block.querySelector("code"), button); });
    label.appendChild(button);
  });

  function key(row, column) {
    var cell = row.cells[column];
    if (!cell) { return ""; }
    return cell.hasAttribute("data-sort") ? cell.getAttribute("data-sort") : cell.textContent.trim();
  }

  function compare(a, b) {
    if (a === b) { return 0; }
    if (a === "") { return 1; }
    if (b === "") { return -1; }
    var x = Number(a), y = Number(b);
    return isNaN(x) || isNaN(y) ? a.localeCompare(b, "en", { numeric: true }) : x - y;
  }

  function sort(table, column, header) {
    var up = header.getAttribute("aria-sort") !== "ascending";
    var body = table.tBodies[0];
    var rows = Array.prototype.slice.call(body.rows);
    rows.sort(function (a, b) {
      var left = a.classList.contains("skipped"), right = b.classList.contains("skipped");
      if (left !== right) { return left ? 1 : -1; }
      var first = key(a, column), second = key(b, column);
      return up || first === "" || second === "" ? compare(first, second) : compare(second, first);
    });
    rows.forEach(function (row) { body.appendChild(row); });
    table.querySelectorAll("th[aria-sort]").forEach(function (other) { other.removeAttribute("aria-sort"); });
    header.setAttribute("aria-sort", up ? "ascending" : "descending");
  }

  document.querySelectorAll("table.sortable").forEach(function (table) {
    Array.prototype.forEach.call(table.tHead.rows[0].cells, function (header, column) {
      var button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      while (header.firstChild) { button.appendChild(header.firstChild); }
      button.addEventListener("click", function () { sort(table, column, header); });
      header.appendChild(button);
    });
  });
}());
