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

  function chooser(name, words, change) {
    var label = document.createElement("label");
    var select = document.createElement("select");
    [["", "all"]].concat(words.map(function (word) { return [word, word]; })).forEach(function (pair) {
      var option = document.createElement("option");
      option.value = pair[0];
      option.textContent = pair[1];
      select.appendChild(option);
    });
    select.setAttribute("data-key", name);
    select.addEventListener("change", change);
    label.appendChild(document.createTextNode(name.charAt(0).toUpperCase() + name.slice(1)));
    label.appendChild(select);
    return label;
  }

  function wordsOf(item, name) {
    return item.getAttribute("data-" + name).split("|").filter(Boolean);
  }

  document.querySelectorAll("[data-filters=claims]").forEach(function (box) {
    var items = Array.prototype.slice.call(document.querySelectorAll(".claim"));
    var controls = document.createElement("div");
    var count = document.createElement("p");
    function apply() {
      var shown = 0;
      items.forEach(function (item) {
        item.hidden = !Array.prototype.every.call(controls.querySelectorAll("select"), function (select) {
          return !select.value || wordsOf(item, select.getAttribute("data-key")).indexOf(select.value) >= 0;
        });
        shown += item.hidden ? 0 : 1;
      });
      document.querySelectorAll(".claim-group").forEach(function (group) {
        group.hidden = !group.querySelector(".claim:not([hidden])");
      });
      count.textContent = shown ? shown + " of " + items.length + " claims" : box.getAttribute("data-none");
    }
    ["verdict", "group", "source"].forEach(function (name) {
      var words = [];
      items.forEach(function (item) {
        wordsOf(item, name).forEach(function (word) { if (words.indexOf(word) < 0) { words.push(word); } });
      });
      controls.appendChild(chooser(name, words, apply));
    });
    controls.className = "filter-controls";
    count.className = "filter-count";
    count.setAttribute("role", "status");
    controls.appendChild(count);
    box.insertBefore(controls, box.firstChild);
    window.addEventListener("hashchange", function () {
      var target = document.getElementById(window.location.hash.slice(1));
      if (target && items.indexOf(target) >= 0 && target.hidden) {
        controls.querySelectorAll("select").forEach(function (select) { select.value = ""; });
        apply();
        target.scrollIntoView();
      }
    });
    apply();
  });

  var folded = Array.prototype.slice.call(document.querySelectorAll("details.full"));

  function unfold() {
    var target = document.getElementById(window.location.hash.slice(1));
    var closed = folded.filter(function (box) { return !box.open && box.contains(target); });
    closed.forEach(function (box) { box.open = true; });
    if (closed.length) { target.scrollIntoView(); }
  }

  if (folded.length) {
    window.addEventListener("hashchange", unfold);
    window.addEventListener("beforeprint", function () {
      folded.forEach(function (box) { box.wasClosed = !box.open; box.open = true; });
    });
    window.addEventListener("afterprint", function () {
      folded.forEach(function (box) { if (box.wasClosed) { box.open = false; } });
    });
    unfold();
  }
}());
